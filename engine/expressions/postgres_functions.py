"""What PostgreSQL cannot say in one expression without writing an argument twice: the functions of the schema fx.

Each is total and IMMUTABLE; those in SQL are put in place by the planner where their arguments are simple.
"""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import Connection, text

_KINDS = "IMMUTABLE PARALLEL SAFE"

_SQL = (
    ("whole", "n numeric, most integer", "integer",
     "SELECT CASE WHEN n IS NOT NULL THEN least(greatest(floor(n), -most), most)::integer END"),
    ("modulo", "a numeric, b numeric", "numeric", "SELECT CASE WHEN b <> 0 THEN mod(mod(a, b) + b, b) END"),
    ("divide", "a numeric, b numeric, otherwise numeric", "numeric",
     "SELECT CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN b = 0 THEN otherwise "
     "ELSE round(div(a * 10000000000000, b) * 0.0000000000001, 12) END"),
    ("multiple_up", "n numeric, step numeric", "numeric",
     "SELECT CASE WHEN step > 0 THEN n + mod(step - mod(mod(n, step) + step, step), step) END"),
    ("multiple_down", "n numeric, step numeric", "numeric",
     "SELECT CASE WHEN step > 0 THEN n - mod(mod(n, step) + step, step) END"),
    ("round_up", "n numeric, places integer, unit numeric", "numeric",
     "SELECT trunc(n, places) + sign(n - trunc(n, places)) * unit"),
    ("round_even", "n numeric, places integer, unit numeric", "numeric",
     "SELECT CASE WHEN 2 * abs(n - trunc(n, places)) <> unit THEN round(n, places) "
     "WHEN mod(trunc(n, places), 2 * unit) = 0 THEN trunc(n, places) ELSE round(n, places) END"),
    ("clamp", "n numeric, low numeric, high numeric", "numeric",
     "SELECT CASE WHEN n IS NOT NULL AND low IS NOT NULL AND high IS NOT NULL THEN least(greatest(n, low), high) END"),
    ("pad_left", "t text, width integer, filler text", "text",
     "SELECT repeat(left(filler, 1), greatest(width - length(t), 0)) || t"),
    ("mask", "t text, first integer, last integer", "text",
     "SELECT CASE WHEN first IS NULL OR last IS NULL THEN NULL "
     "WHEN length(t) - greatest(first, 0) - greatest(last, 0) <= 0 THEN repeat('*', length(t)) "
     "ELSE left(t, greatest(first, 0)) || repeat('*', length(t) - greatest(first, 0) - greatest(last, 0)) "
     "|| right(t, greatest(last, 0)) END"),
    ("make_date", "y integer, m integer, d integer", "date",
     "SELECT CASE WHEN y BETWEEN 1900 AND 9999 AND m BETWEEN 1 AND 12 AND d BETWEEN 1 AND 31 "
     "THEN CASE WHEN extract(month FROM pg_catalog.make_date(y, m, 1) + (d - 1)) = m "
     "THEN pg_catalog.make_date(y, m, 1) + (d - 1) END END"),
    ("date_value", "t text", "date",
     "SELECT CASE WHEN btrim(t, E' \\u00a0\\u3000\\t\\r\\n') COLLATE \"C\" ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN "
     "fx.make_date(split_part(btrim(t, E' \\u00a0\\u3000\\t\\r\\n'), '-', 1)::integer, "
     "split_part(t, '-', 2)::integer, "
     "split_part(btrim(t, E' \\u00a0\\u3000\\t\\r\\n'), '-', 3)::integer) END"),
    ("add_days", "d date, n integer", "date",
     "SELECT CASE WHEN d - DATE '1900-01-01' + n BETWEEN 0 AND 2958463 THEN d + n END"),
    ("add_months", "d date, n integer", "date",
     "SELECT CASE WHEN extract(year FROM d) * 12 + extract(month FROM d) - 1 + n BETWEEN 22800 AND 119999 "
     "THEN (d + make_interval(0, n))::date END"),
    ("month_end", "d date, n integer", "date",
     "SELECT CASE WHEN extract(year FROM d) * 12 + extract(month FROM d) - 1 + n BETWEEN 22800 AND 119999 "
     "THEN (date_trunc('month', d::timestamp) + make_interval(0, n + 1, 0, -1))::date END"),
    ("months_after", "a date, b date", "integer",
     "SELECT ((extract(year FROM b) - extract(year FROM a)) * 12 + extract(month FROM b) - extract(month FROM a) "
     "- CASE WHEN extract(day FROM b) < extract(day FROM a) THEN 1 ELSE 0 END)::integer"),
    ("months_between", "a date, b date", "integer",
     "SELECT CASE WHEN b < a THEN -fx.months_after(b, a) ELSE fx.months_after(a, b) END"),
    ("ends_february", "d date", "boolean",
     "SELECT extract(month FROM d) = 2 AND extract(month FROM d + 1) = 3"),
    ("days_360", "a date, b date", "integer",
     "SELECT ((extract(year FROM b) - extract(year FROM a)) * 360 + "
     "(extract(month FROM b) - extract(month FROM a)) * 30 "
     "+ CASE WHEN fx.ends_february(a) AND fx.ends_february(b) THEN 30 "
     "WHEN extract(day FROM b) = 31 AND (extract(day FROM a) >= 30 OR fx.ends_february(a)) THEN 30 "
     "ELSE extract(day FROM b) END "
     "- CASE WHEN fx.ends_february(a) THEN 30 ELSE least(extract(day FROM a), 30) END)::integer"),
    ("at_epoch", "e numeric", "timestamptz",
     "SELECT CASE WHEN e BETWEEN -2208902400 AND 253402214399 THEN to_timestamp(e::double precision) END"),
    ("add_seconds", "t timestamptz, seconds numeric", "timestamptz",
     "SELECT fx.at_epoch(floor(extract(epoch FROM t)) + seconds)"),
    ("wall_clock", "local timestamp, zone text", "timestamptz",
     "SELECT CASE WHEN timezone(zone, timezone(zone, local) - INTERVAL '1 hour') = local "
     "THEN timezone(zone, local) - INTERVAL '1 hour' "
     "WHEN timezone(zone, timezone(zone, local) - INTERVAL '30 minutes') = local "
     "THEN timezone(zone, local) - INTERVAL '30 minutes' ELSE timezone(zone, local) END"),
    ("in_time", "t timestamptz", "timestamptz",
     "SELECT CASE WHEN t BETWEEN TIMESTAMPTZ '1900-01-02 00:00:00Z' AND TIMESTAMPTZ '9999-12-30 23:59:59Z' THEN t END"),
    ("instant_of", "d date, h integer, m integer, s integer, zone text", "timestamptz",
     "SELECT CASE WHEN h BETWEEN 0 AND 23 AND m BETWEEN 0 AND 59 AND s BETWEEN 0 AND 59 "
     "THEN fx.in_time(fx.wall_clock(d + make_interval(0, 0, 0, 0, h, m, s), zone)) END"),
    ("move_instant", "t timestamptz, zone text, months integer, days integer", "timestamptz",
     "SELECT fx.in_time(fx.wall_clock(CASE WHEN months = 0 THEN fx.add_days(timezone(zone, t)::date, days) "
     "ELSE fx.add_months(timezone(zone, t)::date, months) END + timezone(zone, t)::time, zone))"),
    ("average", "numbers numeric[]", "numeric",
     "SELECT round(div(sum(n) * 10000000000000, nullif(count(n), 0)) * 0.0000000000001, 12) FROM unnest(numbers) n"),
    ("median", "numbers numeric[]", "numeric",
     "SELECT fx.average(array_agg(n)) FROM (SELECT n, row_number() OVER (ORDER BY n) AS at, count(*) OVER () AS size "
     "FROM unnest(numbers) n WHERE n IS NOT NULL) ordered WHERE 2 * at BETWEEN size AND size + 2"),
)  # fmt: skip

_PROCEDURES = (
    ("power", "n numeric, times integer", "numeric", "found numeric := 1;",
     "FOR step IN 1 .. times LOOP found := found * n; END LOOP; RETURN found + 0 * n;"),
    ("square_root", "n numeric", "numeric", "m numeric; root numeric;",
     "IF n IS NULL OR n < 0 THEN RETURN NULL; END IF; m := trunc(4 * n * 1000000000000000000000000); "
     "root := round(sqrt(m)); IF root * root > m THEN root := root - 1; END IF; "
     "RETURN div(root + 1, 2) * 0.000000000001;"),
    ("tier", "n numeric, starts numeric[], results numeric[]", "numeric", "found numeric;",
     "FOR at IN 1 .. array_length(starts, 1) LOOP EXIT WHEN n IS NULL OR starts[at] IS NULL OR n < starts[at]; "
     "found := results[at]; END LOOP; RETURN found;"),
    ("tier_sum", "n numeric, starts numeric[], rates numeric[]", "numeric", "found numeric := 0; stop numeric;",
     "IF n IS NULL THEN RETURN NULL; END IF; FOR at IN 1 .. array_length(starts, 1) LOOP "
     "stop := coalesce(starts[at + 1], n); "
     "IF n > starts[at] THEN found := found + (least(n, stop) - starts[at]) * rates[at]; END IF; "
     "END LOOP; RETURN found;"),
    ("capital_money", "n numeric", "text",
     "fen numeric; yuan text; jiao integer; cents integer; digit integer; found text := ''; gap boolean := false; "
     "digits text := '零壹贰叁肆伍陆柒捌玖'; units text[] := ARRAY['', '拾', '佰', '仟'];",
     "fen := round(abs(n), 2) * 100; IF n IS NULL OR fen >= 1000000000000000000 THEN RETURN NULL; END IF; "
     "yuan := lpad(div(fen, 100)::text, 16, '0'); jiao := mod(div(fen, 10), 10); cents := mod(fen, 10); "
     "FOR place IN REVERSE 15 .. 0 LOOP digit := substr(yuan, 16 - place, 1)::integer; IF digit > 0 THEN "
     "found := found || CASE WHEN gap AND found <> '' THEN '零' ELSE '' END || substr(digits, digit + 1, 1) "
     "|| units[mod(place, 4) + 1]; END IF; gap := digit = 0; "
     "IF place IN (12, 4) AND substr(yuan, 13 - place, 4) <> '0000' THEN found := found || '万'; END IF; "
     "IF place = 8 AND fen >= 10000000000 THEN found := found || '亿'; END IF; END LOOP; "
     "IF div(fen, 100) > 0 THEN found := found || '元'; END IF; "
     "IF jiao = 0 AND cents = 0 THEN found := found || CASE WHEN found = '' THEN '零元整' ELSE '整' END; ELSE "
     "found := found || CASE WHEN jiao > 0 THEN substr(digits, jiao + 1, 1) || '角' "
     "WHEN found <> '' THEN '零' ELSE '' END || CASE WHEN cents > 0 THEN substr(digits, cents + 1, 1) || '分' "
     "ELSE '整' END; END IF; RETURN CASE WHEN n < 0 AND fen > 0 THEN '负' ELSE '' END || found;"),
)  # fmt: skip


def function_statements() -> tuple[str, ...]:
    """The statements that make the functions, in order."""
    plain = (
        f"CREATE OR REPLACE FUNCTION fx.{name}({args}) RETURNS {result} LANGUAGE sql {_KINDS} AS $fx${body}$fx$"
        for name, args, result, body in _SQL
    )
    procedures = (
        f"CREATE OR REPLACE FUNCTION fx.{name}({args}) RETURNS {result} LANGUAGE plpgsql {_KINDS} "
        f"AS $fx$DECLARE {declared} BEGIN {body} END$fx$"
        for name, args, result, declared, body in _PROCEDURES
    )
    return (*plain, *procedures)


def prepare_functions(connection: Connection) -> None:
    """Make the functions known to the database unless it has just these: its schema fx tells their version."""
    statements = function_statements()
    version = sha256("\n".join(statements).encode()).hexdigest()[:16]
    if _version(connection) == version:
        return
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('weft:fx'))"))
    if _version(connection) == version:
        return
    connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS fx")
    for statement in statements:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"COMMENT ON SCHEMA fx IS '{version}'")


def _version(connection: Connection) -> str | None:
    asked = "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = 'fx'"
    version: str | None = connection.execute(text(asked)).scalar()
    return version
