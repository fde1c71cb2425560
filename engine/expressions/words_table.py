"""What every operation is called in a sentence, in English and Chinese.

`{0}`, `{1}` … are the arguments, `{all}` all of them, `{rest}` all but the first. A pattern without brackets of its own
is prose: it is put into brackets where it stands inside another operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

SIGNS: Mapping[str, tuple[str, int]] = MappingProxyType({
    "OR": ("", 1), "AND": ("", 2),
    "=": ("=", 4), "<>": ("≠", 4), "<": ("<", 4), "<=": ("≤", 4), ">": (">", 4), ">=": ("≥", 4),
    "+": ("+", 6), "-": ("−", 6), "ADDSECONDS": ("+", 6), "SUBTRACTSECONDS": ("−", 6), "SECONDSBETWEEN": ("−", 6),
    "CONCAT": ("&", 5), "PLUSSECONDS": ("+", 6), "MINUSSECONDS": ("−", 6), "*": ("×", 7), "/": ("÷", 7),
})  # fmt: skip
"""Operations written between their arguments: the sign and how tightly it binds."""

COMPARED = frozenset({"=", "<>", "<", "<=", ">", ">=", "IN", "HAS", "HASANY", "HASALL", "SWITCH"})
"""Operations whose literals may be options of the field they stand beside."""

PATTERNS: Mapping[str, tuple[str, str]] = MappingProxyType({
    # --- operators that are words ---
    "NOT": ("not {0}", "并非 {0}"),
    "XOR": ("exactly one of ({all})", "恰有一个成立（{all}）"),
    "IN": ("{0} is one of {rest}", "{0} 属于 {rest}"),
    "ADDDAYS": ("{0} + {1} days", "{0} + {1} 天"),
    "SUBTRACTDAYS": ("{0} − {1} days", "{0} − {1} 天"),
    "HAS": ("{0} contains {rest}", "{0} 包含 {rest}"),
    "HASANY": ("{0} contains any of {rest}", "{0} 包含任一 {rest}"),
    "HASALL": ("{0} contains all of {rest}", "{0} 包含全部 {rest}"),
    "CONTAINS": ("{0} contains {1}", "{0} 包含 {1}"),
    "STARTSWITH": ("{0} begins with {1}", "{0} 以 {1} 开头"),
    "ENDSWITH": ("{0} ends with {1}", "{0} 以 {1} 结尾"),
    "ISEMPTY": ("{0} is empty", "{0} 为空"),
    "IF": ("if {0} then {1}, otherwise {2}", "若 {0} 则 {1}，否则 {2}"),
    "COALESCE": ("first that is not empty ({all})", "首个非空值（{all}）"),
    "N0": ("{0} (0 if empty)", "{0}（空按 0）"),
    # --- numbers ---
    "ROUND": ("round ({0}, {1} places)", "四舍五入（{0}，保留 {1} 位）"),
    "ROUNDUP": ("round up ({0}, {1} places)", "向上舍入（{0}，保留 {1} 位）"),
    "ROUNDDOWN": ("cut off ({0}, {1} places)", "截断（{0}，保留 {1} 位）"),
    "ROUNDEVEN": ("round half to even ({0}, {1} places)", "四舍六入五成双（{0}，保留 {1} 位）"),
    "INT": ("whole part, downwards ({0})", "向下取整（{0}）"),
    "CEILING": ("up to a multiple of {1} ({0})", "向上取 {1} 的倍数（{0}）"),
    "FLOOR": ("down to a multiple of {1} ({0})", "向下取 {1} 的倍数（{0}）"),
    "MOD": ("remainder ({0} ÷ {1})", "余数（{0} ÷ {1}）"),
    "QUOTIENT": ("whole quotient ({0} ÷ {1})", "整数商（{0} ÷ {1}）"),
    "ABS": ("absolute value ({0})", "绝对值（{0}）"),
    "SIGN": ("sign ({0})", "正负号（{0}）"),
    "POWER": ("power ({0}, exponent {1})", "乘方（{0}，{1} 次）"),
    "SQRT": ("square root ({0})", "平方根（{0}）"),
    "DIVIDE": ("{0} ÷ {1}", "{0} ÷ {1}"),
    "CLAMP": ("{0} kept within ({1} to {2})", "{0} 限定在（{1} 至 {2}）"),
    "TIER": ("value of the band ({0}: {bands})", "所在档的值（{0}：{bands}）"),
    "TIERSUM": ("progressive sum ({0}: {bands})", "超额累进（{0}：{bands}）"),
    "RMBCAP": ("amount in capital characters ({0})", "人民币大写（{0}）"),
    "SUM": ("sum ({all})", "合计（{all}）"),
    "AVG": ("average ({all})", "平均（{all}）"),
    "COUNT": ("how many are not empty ({all})", "非空个数（{all}）"),
    "MIN": ("smallest ({all})", "取最小（{all}）"),
    "MAX": ("largest ({all})", "取最大（{all}）"),
    "MEDIAN": ("median ({all})", "中位数（{all}）"),
    # --- texts ---
    "LEN": ("length ({0})", "长度（{0}）"),
    "LEFT": ("first characters ({0}, {1})", "左侧字符（{0}，{1} 个）"),
    "RIGHT": ("last characters ({0}, {1})", "右侧字符（{0}，{1} 个）"),
    "MID": ("characters ({0}, from {1}, {2} of them)", "截取（{0}，从第 {1} 个起 {2} 个）"),
    "FIND": ("position ({0} in {1})", "位置（{0} 在 {1} 中）"),
    "REPLACE": ("replace ({0}, from {1}, {2} characters, with {3})", "替换（{0}，从第 {1} 个起 {2} 个，换成 {3}）"),
    "SUBSTITUTE": ("replace ({0}: {1} with {2})", "替换（{0}：{1} 换成 {2}）"),
    "UPPER": ("upper case ({0})", "转大写（{0}）"),
    "LOWER": ("lower case ({0})", "转小写（{0}）"),
    "TRIM": ("without outer spaces ({0})", "去首尾空格（{0}）"),
    "REPT": ("repeat ({0}, {1} times)", "重复（{0}，{1} 次）"),
    "LPAD": ("fill up ({0}, to {1} characters with {2})", "左侧补齐（{0}，到 {1} 位，补 {2}）"),
    "VALUE": ("as a number ({0})", "转为数字（{0}）"),
    "TEXT": ("as a text ({all})", "转为文本（{all}）"),
    "MASK": ("masked ({0})", "脱敏（{0}）"),
    "SPLITPART": ("part {2} ({0} split at {1})", "第 {2} 段（{0} 按 {1} 拆分）"),
    # --- dates ---
    "DATE": ("date ({0}-{1}-{2})", "日期（{0}年{1}月{2}日）"),
    "DATEVALUE": ("as a date ({0})", "转为日期（{0}）"),
    "TODATE": ("day of ({0})", "日期（{0}）"),
    "DATETIME": ("time ({0}, {1}:{2}:{3})", "时间（{0} {1}:{2}:{3}）"),
    "YEAR": ("year ({0})", "年份（{0}）"),
    "MONTH": ("month ({0})", "月份（{0}）"),
    "DAY": ("day of the month ({0})", "日（{0}）"),
    "QUARTER": ("quarter ({0})", "季度（{0}）"),
    "HOUR": ("hour ({0})", "小时（{0}）"),
    "MINUTE": ("minute ({0})", "分钟（{0}）"),
    "SECOND": ("second ({0})", "秒（{0}）"),
    "WEEKDAY": ("day of the week ({0})", "星期几（{0}）"),
    "ISOWEEKNUM": ("week of the year ({0})", "周数（{0}）"),
    "EDATE": ("months later ({0}, {1})", "推移月份（{0}，{1} 个月）"),
    "EOMONTH": ("end of the month ({0}, {1} months on)", "月末（{0}，推移 {1} 个月）"),
    "MONTHSTART": ("start of the month ({0})", "月初（{0}）"),
    "QUARTERSTART": ("start of the quarter ({0})", "季初（{0}）"),
    "QUARTEREND": ("end of the quarter ({0})", "季末（{0}）"),
    "YEARSTART": ("start of the year ({0})", "年初（{0}）"),
    "YEAREND": ("end of the year ({0})", "年末（{0}）"),
    "WEEKSTART": ("start of the week ({0})", "周初（{0}）"),
    "DAYS": ("days ({1} to {0})", "相差天数（{1} 至 {0}）"),
    "DATEDIF": ("difference ({0} to {1}, in {2})", "相差（{0} 至 {1}，单位 {2}）"),
    "DATEADD": ("later ({0}, {1} {2})", "推移（{0}，{1} {2}）"),
    "DAYS360": ("days of a 360-day year ({0} to {1})", "按 360 天计的天数（{0} 至 {1}）"),
    "HOURS": ("in hours ({0})", "换算为小时（{0}）"),
    "MINUTES": ("in minutes ({0})", "换算为分钟（{0}）"),
    "WORKDAY": ("work days later ({0}, {1})", "推移工作日（{0}，{1} 天）"),
    "NETWORKDAYS": ("work days ({0} to {1})", "工作日天数（{0} 至 {1}）"),
    "ISWORKDAY": ("work day ({0})", "是否工作日（{0}）"),
    "STAGE_DAYS": ("days spent in stage ({all})", "在阶段停留的天数（{all}）"),
    # --- people, records, several values ---
    "COUNTOF": ("how many ({0})", "个数（{0}）"),
    "INDEPT": ("{0} belongs to {1}", "{0} 属于 {1}"),
    "HASROLE": ("I have the role ({all})", "我的角色包含（{all}）"),
})  # fmt: skip

AGGREGATE_PATTERNS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "SUM": ("sum of {of} over {rows}", "{rows}的{of}之和"),
    "AVG": ("average of {of} over {rows}", "{rows}的{of}平均值"),
    "MEDIAN": ("median of {of} over {rows}", "{rows}的{of}中位数"),
    "MIN": ("smallest {of} of {rows}", "{rows}的{of}最小值"),
    "MAX": ("largest {of} of {rows}", "{rows}的{of}最大值"),
    "COUNT": ("number of {rows}", "{rows}的条数"),
    "COUNTDISTINCT": ("number of different {of} of {rows}", "{rows}的不同{of}个数"),
    "ANY": ("any of {rows} meets: {of}", "{rows}中有满足“{of}”的"),
    "ALL": ("all of {rows} meet: {of}", "{rows}全部满足“{of}”"),
    "JOIN": ("{of} of {rows}, joined", "{rows}的{of}连接"),
    "FIRST": ("{of} of the first of {rows}", "{rows}中第一条的{of}"),
    "LAST": ("{of} of the last of {rows}", "{rows}中最后一条的{of}"),
    "RANK": ("rank of {more} among {of} of {rows}", "{more} 在{rows}的{of}中的名次"),
    # of days and moments
    "EARLIEST": ("earliest {of} of {rows}", "{rows}的最早{of}"),
    "LATEST": ("latest {of} of {rows}", "{rows}的最晚{of}"),
})  # fmt: skip

PHRASES: Mapping[str, tuple[str, str]] = MappingProxyType({
    "today": ("today", "今天"), "now": ("now", "现在"), "me": ("me", "我"), "is_new": ("the record is new", "新建记录"),
    "own": ("mine", "本人的"), "team": ("my team's", "本团队的"), "department": ("my department's", "本部门的"),
    "and": ("and", "且"), "or": ("or", "或"), "true": ("yes", "是"), "false": ("no", "否"), "null": ("empty", "空"),
    "hidden": ("something not available to you", "您无权查看的内容"),
    "stays": ("days spent in {0}", "在“{0}”停留的天数"),
    "kept": ("the value that belongs to {0}", "{0}对应的值"),
    "in case": ("if {0} then {1}", "{0} 时为 {1}"), "else": ("otherwise {0}", "否则 {0}"),
    "equals": ("{0} → {1}", "{0} → {1}"), "by case": ("depending on {0}: {cases}", "按{0}取值：{cases}"),
    "from": ("from {0}: {1}", "{0} 起 {1}"),
})  # fmt: skip
