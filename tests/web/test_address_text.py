"""The parts of an address in the browser: read from the one text that is stored, and put together again."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.expressions.test_conformance import find_node

MODULE = Path(__file__).resolve().parents[2] / "frontend" / "src" / "address_text.js"
REGIONS = {"广东省": {"深圳市": {"南山区": {}}, "东莞市": {}}, "北京市": {"东城区": {}}}


def in_browser(call: str) -> object:
    script = f"""
        const {{splitAddress, joinAddress, levels}} = await import({json.dumps(MODULE.as_uri())});
        const regions = {json.dumps(REGIONS)};
        process.stdout.write(JSON.stringify({call}));
        """
    words = [find_node(), "--input-type=module", "-e", script]
    return json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize(
    ("text", "chosen", "rest"),
    [
        ("广东省 深圳市 南山区 科技路1号", ["广东省", "深圳市", "南山区"], "科技路1号"),
        ("广东省深圳市南山区科技路1号", ["广东省", "深圳市", "南山区"], "科技路1号"),
        ("广东省 东莞市 松山湖", ["广东省", "东莞市"], "松山湖"),
        ("北京市东城区1号", ["北京市", "东城区"], "1号"),
        ("10 Downing Street", [], "10 Downing Street"),
        ("", [], ""),
    ],
)
def test_the_regions_are_read_from_the_text(text: str, chosen: list[str], rest: str) -> None:
    assert in_browser(f"splitAddress({json.dumps(text)}, regions)") == {"chosen": chosen, "rest": rest}


def test_the_text_is_put_together_and_nothing_chosen_adds_nothing() -> None:
    assert in_browser('joinAddress(["广东省", "深圳市", ""], " 科技路 ")') == "广东省 深圳市 科技路"
    assert in_browser('joinAddress([], "10 Downing Street")') == "10 Downing Street"


def test_lower_levels_are_offered_once_the_upper_is_chosen() -> None:
    assert in_browser("levels([], regions)") == [["广东省", "北京市"]]
    assert in_browser('levels(["广东省", "东莞市"], regions)') == [["广东省", "北京市"], ["深圳市", "东莞市"]]
