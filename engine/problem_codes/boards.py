"""B: metrics and boards, as defined and as asked for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.problem_codes.texts import ProblemText
from engine.problem_codes.texts import text as _text

BOARDS: Mapping[str, ProblemText] = MappingProxyType({
    "B101": _text(
        "There is no metric '{name}'.",
        "没有指标“{name}”。",
        "Write dictionary.name, as in desk.work.open_tasks or work.open_tasks. Did you mean {near}?",
        "请写“指标集.名称”，例如 desk.work.open_tasks 或 work.open_tasks。是否想写 {near}？",
    ),
    "B102": _text(
        "The widget '{name}' does not say of which form it is.",
        "组件“{name}”没有说明取自哪个表单。",
        "Write of: app.form, or a metric.",
        "请写 of: 应用.表单，或写一个指标 metric。",
    ),
    "B103": _text(
        "A widget of type {type} needs {what}.",
        "{type} 类型的组件需要 {what}。",
    ),
    "B104": _text(
        "Records cannot be grouped by '{name}', which is {got}.",
        "不能按“{name}”分组，它的类型是 {got}。",
        "Group by a choice, a stage, a person, a department, a link, a date, a text or yes/no.",
        "可按选项、阶段、人员、部门、关联、日期、文本或是/否分组。",
    ),
    "B105": _text(
        "'{name}' is no date: it cannot be put together by {bucket}.",
        "“{name}”不是日期，不能按 {bucket} 汇总。",
    ),
    "B106": _text(
        "The filter '{filter}' is about '{field}', which the form {form} of the widget '{widget}' does not have.",
        "筛选“{filter}”针对“{field}”，而组件“{widget}”的表单 {form} 没有该字段。",
        "Name the field per form: field: {form}: …. A form that is not named is shown as not filtered.",
        "请按表单写字段：field: {form}: …；没有写到的表单会显示为“未筛选”。",
    ),
    "B107": _text("The layout names '{name}', which is no widget of the board.", "布局中的“{name}”不是本看板的组件。"),
    "B108": _text(
        "The fields of the filter '{name}' are of different types: {kinds}.",
        "筛选“{name}”的各字段类型不同：{kinds}。",
    ),
    "B109": _text(
        "{function} depends on the order of rows; a metric is about all of them together.",
        "{function} 取决于行的先后顺序；指标是对全部记录的汇总。",
        "Take SUM, COUNT, AVG, MIN, MAX, MEDIAN, COUNTDISTINCT, ANY or ALL.",
        "请用 SUM、COUNT、AVG、MIN、MAX、MEDIAN、COUNTDISTINCT、ANY 或 ALL。",
    ),
    "B110": _text(
        "The value of a metric is a number; this is {got}.",
        "指标的值必须是数字；这里是 {got}。",
    ),
    "B201": _text(
        "The filter '{name}' cannot have the value '{value}'.",
        "筛选“{name}”不能取值“{value}”。",
        "{words}",
    ),
    "B202": _text("The board has no filter '{name}'.", "看板没有筛选“{name}”。", "{words}"),
    "B203": _text("The board has no widget '{name}'.", "看板没有组件“{name}”。"),
    "B204": _text(
        "There are more than {most} groups.",
        "分组超过 {most} 个。",
        "Choose a shorter period, fewer people, or a coarser grouping.",
        "请缩短期间、减少人员，或改用更粗的分组。",
    ),
    "B111": _text(
        "A comparison needs a period: the form {form} of the widget '{name}' has none among the board's filters.",
        "对比需要期间：看板的筛选中没有针对组件“{name}”的表单 {form} 的期间。",
        "Add a filter of a date field for this form, or leave compare out.",
        "请为该表单加一个日期筛选，或去掉 compare。",
    ),
    "B205": _text("There is no board '{name}', or you may not see it.", "没有看板“{name}”，或您无权查看。"),
    "B206": _text(
        "The database gave up on this after some seconds.",
        "数据库在数秒后放弃了该查询。",
        "Choose a shorter period, fewer people, or a coarser grouping.",
        "请缩短期间、减少人员，或改用更粗的分组。",
    ),
    "B207": _text("A board has at most {most} widgets.", "一个看板最多有 {most} 个组件。"),
    "B208": _text("Nobody has more than {most} boards of their own.", "每人最多有 {most} 个自己的看板。"),
    "B209": _text(
        "A board cannot be called '{name}'.",
        "看板不能命名为“{name}”。",
        "Take a new name of small letters, digits and underscores, such as team_sales.",
        "请使用新的名称：小写字母、数字和下划线，例如 team_sales。",
    ),
})
