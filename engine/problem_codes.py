"""The text of every problem: one entry per stable code, in English and Chinese.

Families: S site and files, Y YAML, D documents (shape), O overlays, C catalog (names and types),
FX expressions (formula.md), T tables and plans, V values of a record, R records and requests, I import,
A approvals at work, WF workflows as defined.
A code is never given a second meaning; a code that is not used any more stays reserved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ProblemText:
    """Text and usual hint by language; {names} are filled from the problem's values."""

    text: Mapping[str, str]
    hint: Mapping[str, str] = field(default_factory=dict)


def _text(en: str, zh: str, hint_en: str = "", hint_zh: str = "") -> ProblemText:
    return ProblemText({"en": en, "zh": zh}, {"en": hint_en, "zh": hint_zh or hint_en})


PROBLEM_CODES: dict[str, ProblemText] = {
    # --- S: the site and its files ---
    "S101": _text("The file cannot be read: {reason}.", "文件无法读取：{reason}。"),
    "S102": _text(
        "There is no site in '{folder}': site.yaml is missing.",
        "“{folder}”里没有站点：缺少 site.yaml。",
        "Go to the folder of a site, or make one with 'weft init'.",
        "请到站点的文件夹里，或用 weft init 建一个。",
    ),
    "S103": _text(
        "The company '{company}' has no file forms/companies/{company}/company.yaml.",
        "公司“{company}”没有文件 forms/companies/{company}/company.yaml。",
    ),
    "S104": _text("There is no app '{app}'.", "没有应用“{app}”。"),
    "S105": _text(
        "The app '{app}' requires the app '{required}', which this company does not use.",
        "应用“{app}”需要应用“{required}”，而公司没有启用它。",
        "Add '{required}' to apps.",
        "请把“{required}”加到 apps。",
    ),
    "S106": _text("Apps require each other in a circle: {circle}.", "应用互相依赖成环：{circle}。"),
    "S107": _text("There is nothing at '{path}'.", "“{path}”处没有内容。"),
    "S108": _text(
        "The folder '{folder}' already holds a site.",
        "文件夹“{folder}”里已有站点。",
        "Choose an empty folder.",
        "请选择一个空文件夹。",
    ),
    "S109": _text("There is no company '{company}'.", "没有公司“{company}”。"),
    # --- Y: YAML ---
    "Y101": _text(
        "The file has {size} KiB; {limit} KiB are allowed.",
        "文件有 {size} KiB，最多 {limit} KiB。",
        "Split it, or put rows into a CSV file.",
        "请拆分文件，或把数据行放进 CSV 文件。",
    ),
    "Y102": _text(
        "The file is not written in UTF-8.", "文件不是 UTF-8 编码。", "Save it as UTF-8.", "请另存为 UTF-8。"
    ),
    "Y103": _text(
        "The character {character} is not allowed.",
        "不允许使用字符 {character}。",
        "Delete it; it cannot be seen.",
        "请删除，它是看不见的字符。",
    ),
    "Y104": _text("This is not YAML: {reason}.", "这不是合法的 YAML：{reason}。"),
    "Y105": _text("The file is empty.", "文件是空的。"),
    "Y106": _text("Values are nested more than {limit} deep.", "嵌套超过 {limit} 层。"),
    "Y107": _text("The file has more than {limit} values.", "文件超过 {limit} 个值。"),
    "Y108": _text(
        "Anchors, aliases and merge keys are not used here: {what}.",
        "这里不使用锚点、别名和合并键：{what}。",
        "Write the value out, or use an overlay.",
        "请直接写出内容，或使用覆盖层。",
    ),
    "Y109": _text("Tags and directives are not used here: {what}.", "这里不使用标签和指令：{what}。"),
    "Y110": _text(
        "A file holds one definition; here a second document begins.", "一个文件只有一个定义，这里又开始了一个。"
    ),
    "Y111": _text("The key '{key}' stands twice; first in line {line}.", "键“{key}”重复，第一次在第 {line} 行。"),
    "Y112": _text("A key must be a word.", "键必须是一个词。"),
    "Y113": _text("A key is empty.", "键是空的。"),
    "Y114": _text(
        "A value is missing: {word}.",
        "缺少值：{word}。",
        "Give a value; in an overlay 'remove' takes an entry out.",
        "请写出值；在覆盖层里用 remove 去掉一项。",
    ),
    "Y115": _text(
        "The number has more than {digits} digits.",
        "数字超过 {digits} 位。",
        "Put it in quotes if it is a text.",
        "如果是文本，请加引号。",
    ),
    "Y116": _text(
        "The # begins a comment, so the expression ends before it.",
        "公式后面的 # 会被当成注释。",
        "Put the expression in quotes.",
        "请给公式加引号。",
    ),
    "Y117": _text("An expression must stand on one line or in a | block.", "表达式必须写在一行，或写在 | 块里。"),
    # --- D: the shape of documents ---
    "D101": _text(
        "There is no key '{key}' in {where}.", "{where} 里没有键“{key}”。", "Known are: {known}.", "可用的键：{known}。"
    ),
    "D102": _text("The key '{key}' is missing in {where}.", "{where} 缺少键“{key}”。"),
    "D103": _text("{where} should be {expected}, not '{value}'.", "{where} 应为{expected_zh}，而不是“{value}”。"),
    "D104": _text("{where} should be one of {words}, not '{value}'.", "{where} 应为 {words} 之一，而不是“{value}”。"),
    "D105": _text(
        "'{id}' cannot be the id of this {what}.",
        "“{id}”不能作为 {what} 的 id。",
        "Small letters, digits and _ (or Chinese), at most 40; forms are app.name.",
        "小写字母、数字和下划线（或中文），最多 40 个字符；表单写作 应用.名称。",
    ),
    "D106": _text(
        "The id '{id}' does not agree with the file's place.",
        "id“{id}”与文件位置不一致。",
        "Here it should be '{expected}'.",
        "这里应为“{expected}”。",
    ),
    "D107": _text(
        "The first key says what a file defines; this one does not.",
        "文件的第一个键说明它定义什么，这里没有说明。",
        "Begin with one of: {kinds}.",
        "请以其中之一开头：{kinds}。",
    ),
    "D108": _text(
        "'{kind}' comes in a later version.", "“{kind}”将在以后的版本提供。", "Take it out for now.", "请暂时去掉。"
    ),
    "D109": _text(
        "The key '{kind}' must be the first of the file, before '{key}'.",
        "键“{kind}”必须是文件的第一个键，在“{key}”之前。",
    ),
    "D110": _text("{where} is outside its limits ({limit}): '{value}'.", "{where} 超出限制（{limit}）：“{value}”。"),
    "D111": _text(
        "A file of kind '{kind}' does not belong here.",
        "“{kind}”类文件不应放在这里。",
        "Definitions lie in forms/ and workflows/, rows and imports in data/.",
        "定义放在 forms/ 和 workflows/，数据和导入放在 data/。",
    ),
    # --- O: overlays ---
    "O101": _text("There is no '{id}' that could be changed.", "没有可以修改的“{id}”。"),
    "O102": _text("There is no '{name}' in {id} that could be removed.", "{id} 里没有可以去掉的“{name}”。"),
    "O103": _text("There is no '{name}' in {id} to stand after or before.", "{id} 里没有“{name}”，无法排在其前后。"),
    "O104": _text("There is no list in {id} that could be edited here.", "{id} 这里没有可以修改的列表。"),
    "O105": _text(
        "'{id}' is already defined at {first}.",
        "“{id}”已在 {first} 定义。",
        "Begin with 'overlay: {id}' to change it.",
        "要修改它，请以 overlay: {id} 开头。",
    ),
    "O106": _text(
        "There is no '{name}' in {what} of {id} that could be changed; a new one needs '{must}'.",
        "{id} 的 {what} 里没有可以修改的“{name}”；新增的需要“{must}”。",
    ),
    # --- C: names and types of the catalog ---
    "C101": _text(
        "The field '{field}' has the type '{type}', which does not exist.", "字段“{field}”的类型“{type}”不存在。"
    ),
    "C102": _text(
        "The property '{key}' does not fit the field type '{type}'.",
        "属性“{key}”不适用于字段类型“{type}”。",
        "Fitting are: {known}.",
        "可用的属性：{known}。",
    ),
    "C103": _text("There is no field '{name}' on {form}.", "{form} 没有字段“{name}”。"),
    "C104": _text("There is no form '{name}'.", "没有表单“{name}”。"),
    "C105": _text(
        "There is no role '{role}'.",
        "没有角色“{role}”。",
        "Roles stand in app.yaml and company.yaml.",
        "角色写在 app.yaml 和 company.yaml。",
    ),
    "C106": _text("'{name}' is a reserved name.", "“{name}”是保留名称。"),
    "C107": _text(
        "'{name}' cannot be a name.",
        "“{name}”不能作为名称。",
        "Small letters, digits and _ (or Chinese), at most 40 characters.",
        "小写字母、数字和下划线（或中文），最多 40 个字符。",
    ),
    "C108": _text(
        "'{name}' and '{other}' are too much alike.", "“{name}”与“{other}”过于相似。", "Rename one of them.", "请改名。"
    ),
    "C109": _text(
        "The text has a hole that cannot be filled: {hole}.",
        "模板里的“{hole}”无法填写。",
        "Holes are {field} or {link.field}.",
        "写作 {字段} 或 {关联.字段}。",
    ),
    "C110": _text("The number pattern needs exactly one {serial:digits}.", "编号规则必须恰好有一个 {serial:位数}。"),
    "C111": _text("{where}: {reason}", "{where}：{reason}"),
    "C112": _text(
        "The stages belong to '{of}', which is no stage field.",
        "阶段属于“{of}”，但它不是阶段字段。",
        "Write app.form.field of a field with type: stage.",
        "请写 应用.表单.字段，字段类型为 stage。",
    ),
    "C113": _text(
        "The stage field '{field}' has no stages.",
        "阶段字段“{field}”没有阶段。",
        "Add a file with 'pipeline:' and 'of: {form}.{field}'.",
        "请添加一个 pipeline: 文件，写明 of: {form}.{field}。",
    ),
    "C114": _text("'{set}' needs at least one open stage.", "“{set}”至少需要一个进行中的阶段。"),
    "C115": _text("There is no stage '{stage}' in '{set}'.", "“{set}”没有阶段“{stage}”。"),
    "C116": _text("There is no shared list '{name}'.", "没有共享选项“{name}”。"),
    "C117": _text("The field '{field}' has no choices.", "字段“{field}”没有选项。"),
    "C118": _text(
        "An action has exactly one of: creates, sets, duplicate.", "一个操作恰好有其中之一：creates、sets、duplicate。"
    ),
    "C119": _text("The path '{path}' should begin with '{field}.'.", "路径“{path}”应以“{field}.”开头。"),
    "C120": _text("Lines cannot hold a field of the type '{type}'.", "明细里不能有类型为“{type}”的字段。"),
    "C121": _text(
        "Only a link of a form to itself can make a tree, and only one.", "只有指向自身表单的一个关联才能形成树。"
    ),
    "C122": _text("'{name}' must be a field of the type {expected}.", "“{name}”必须是类型为{expected}的字段。"),
    "C123": _text(
        "'{name}' is already the name of a field or related list of {form}.",
        "“{name}”已是 {form} 的字段或关联列表的名称。",
    ),
    "C124": _text("The board needs a stage field or a choice field to group by.", "看板需要按阶段字段或选项字段分组。"),
    "C125": _text(
        "Several stage sets serve '{field}'; each but the last needs 'when'.",
        "“{field}”有多组阶段，除最后一组外都需要 when。",
    ),
    "C126": _text("'{value}' is no share between 0% and 100%.", "“{value}”不是 0% 到 100% 之间的比例。"),
    "C127": _text("There is no time zone '{value}'.", "没有时区“{value}”。"),
    "C128": _text(
        "'{value}' is no currency code.",
        "“{value}”不是货币代码。",
        "Three capital letters: CNY.",
        "三个大写字母，如 CNY。",
    ),
    "C129": _text("There is no related list '{name}' on {form}.", "{form} 没有关联列表“{name}”。"),
    "C130": _text("The field '{field}' needs '{key}'.", "字段“{field}”需要“{key}”。"),
    "C131": _text("A field with a formula cannot have '{key}'.", "带公式的字段不能有“{key}”。"),
    "C132": _text("A check has exactly one of: holds, unique.", "一条检查恰好有 holds、unique 之一。"),
    "C133": _text("A day is written YYYY-MM-DD; '{value}' is not.", "日期写作 YYYY-MM-DD，“{value}”不是。"),
    # --- C, continued ---
    "C134": _text(
        "A required link cannot become empty: on_delete is clear.",
        "必填的关联不能清空：on_delete 为 clear。",
        "Take restrict or cascade.",
        "请改为 restrict 或 cascade。",
    ),
    "C135": _text(
        "Links require each other in a circle, so that no first record can be made: {circle}.",
        "关联互相必填成环，无法建立第一条记录：{circle}。",
        "Make one of them optional.",
        "请把其中一个改为非必填。",
    ),
    "C136": _text(
        "A tree needs a link of the form to itself with tree: true.",
        "树形视图需要一个指向自身表单且 tree: true 的关联字段。",
    ),
    "C137": _text("A calendar needs a date field.", "日历视图需要一个日期字段。"),
    "C138": _text(
        "'{name}' are lines; a link leads to whole records.",
        "“{name}”是明细；关联只能指向完整的记录。",
        "Make them a form with a required link and on_delete: cascade.",
        "请改为独立表单，用必填关联并设 on_delete: cascade。",
    ),
    "C139": _text(
        "No stages of '{field}' are for records with {case}.",
        "“{field}”的各组阶段都不适用于 {case} 的记录。",
        "Name the case in one of the conditions, or leave 'when' out of the last set.",
        "请在某个条件中写明该情况，或去掉最后一组的 when。",
    ),
    "C140": _text(
        "The holidays of a country '{value}' are not known.",
        "不知道国家或地区“{value}”的节假日。",
        "Write its code in two capital letters: CN, US, DE.",
        "请写两个大写字母的代码，例如 CN、US、DE。",
    ),
    # --- FX: expressions (columns are exact; hints may be replaced by targeted ones) ---
    "FX001": _text(
        "The expression has {count} characters; {most} are allowed.",
        "表达式有 {count} 个字符，最多 {most} 个。",
        "Split it over several formula fields.",
        "请拆成几个公式字段。",
    ),
    "FX002": _text("A text is not closed: {quote} is missing.", "文本没有结束，缺少 {quote}。"),
    "FX003": _text("The character '{char}' does not belong into an expression.", "表达式里不能有字符“{char}”。"),
    "FX004": _text(
        "The expression has more than {most} parts.",
        "表达式超过 {most} 个部分。",
        "Split it over several formula fields.",
        "请拆成几个公式字段。",
    ),
    "FX005": _text(
        "The expression is nested more than {most} deep.",
        "表达式嵌套超过 {most} 层。",
        "Split it, or use IFS, SWITCH, SUM(a, b, …).",
        "请拆开，或使用 IFS、SWITCH、SUM(a, b, …)。",
    ),
    "FX006": _text("'{token}' is not expected here.", "这里不应出现“{token}”。"),
    "FX007": _text(
        "Comparisons cannot be chained.", "比较不能连写。", "Write AND(a < b, b < c).", "请写成 AND(a < b, b < c)。"
    ),
    "FX008": _text(
        "The expression ends too early.",
        "表达式没有写完。",
        "An operand or a closing bracket is missing.",
        "缺少运算对象或右括号。",
    ),
    "FX010": _text("There is no field '{name}' on {form}.", "{form} 没有字段“{name}”。"),
    "FX011": _text("'{name}' is one value: it has neither '.' nor '[ ]'.", "“{name}”是单个值，不能用“.”或“[ ]”。"),
    "FX012": _text(
        "A condition is needed here, but this is {got}.",
        "这里需要条件，得到的却是{got}。",
        "For example: amount > 0.",
        "例如：金额 > 0。",
    ),
    "FX013": _text(
        "One value is needed here, but '{name}' stands for several.",
        "这里需要一个值，而“{name}”有多个。",
        "Aggregate it: SUM(…), MAX(…), COUNT(…), JOIN(…).",
        "请先汇总：SUM(…)、MAX(…)、COUNT(…)、JOIN(…)。",
    ),
    "FX014": _text("{function} needs {expected} here, not {got}.", "{function} 这里需要{expected}，不能是{got}。"),
    "FX015": _text("{left} cannot be compared with {right}.", "{left}不能与{right}比较。"),
    "FX016": _text(
        "The branches have different types: {left} and {right}.",
        "各分支类型不同：{left}和{right}。",
        "Convert one of them: TEXT(x), VALUE(x).",
        "请转换其中一个：TEXT(x)、VALUE(x)。",
    ),
    "FX017": _text(
        "The expression gives {got}, but {expected} is needed.",
        "表达式的结果是{got}，而这里需要{expected}。",
        "Change the field's type or convert: TEXT(x), VALUE(x), TODATE(x).",
        "请改字段类型，或转换：TEXT(x)、VALUE(x)、TODATE(x)。",
    ),
    "FX018": _text(
        "'{value}' is not one of the options of '{name}'.",
        "“{value}”不是“{name}”的选项。",
        "The options are: {options}.",
        "选项有：{options}。",
    ),
    "FX020": _text("There is no function {name}.", "没有函数 {name}。"),
    "FX021": _text("{function} takes {expected}, not {count}.", "{function} 需要{expected}，得到 {count} 个。"),
    "FX022": _text("{function} needs {expected} written out here.", "{function} 这里必须直接写出{expected}。"),
    "FX023": _text(
        "{function} needs rows and what to aggregate.",
        "{function} 需要明细以及要汇总的列。",
        "Write {function}(lines.amount) or {function}(lines, quantity * price).",
        "请写 {function}(明细.金额) 或 {function}(明细, 数量 * 单价)。",
    ),
    "FX030": _text(
        "The result may have more than 1,000 digits.",
        "结果可能超过 1000 位。",
        "Round in between, or use smaller powers.",
        "请在中间取整，或用更小的乘方。",
    ),
    "FX031": _text(
        "The result may have more than 1,000,000 characters.",
        "结果可能超过 1000000 个字符。",
        "Shorten with LEFT(t, n) in between.",
        "请在中间用 LEFT(t, n) 截短。",
    ),
    "FX032": _text("Too many {what}: at most {most}.", "{what}过多：最多 {most} 个。"),
    "FX040": _text("Formulas depend on each other in a circle: {circle}.", "公式循环依赖：{circle}。"),
    "FX041": _text(
        "A stored formula cannot use {what}: its value would change by itself.",
        "存储的公式不能使用 {what}：它的值会自己变化。",
        "Write compute: read, or daily for the date.",
        "请写 compute: read，只用到日期时可写 daily。",
    ),
    "FX044": _text(
        "The relation '{name}' has no equality that leads back from a row to its record.",
        "关系“{name}”缺少能从相关记录找回本记录的相等条件。",
        "Beside other conditions joined by and, compare a field of the rows with a stored field of this record: employee = this.employee.",
        "请在用 and 连接的条件里，让对方的一个字段等于本记录的一个存储字段：employee = this.employee。",
    ),
    "FX042": _text(
        "{what} cannot be computed inside a database query.",
        "{what}不能在数据库查询里计算。",
        "Store it in a formula field (compute: stored) and use that field.",
        "请存为公式字段（compute: stored），再使用该字段。",
    ),
    # --- T: tables and plans ---
    "T101": _text(
        "Column {table}.{column} holds {before} and would have to become {after}.",
        "列 {table}.{column} 的类型是 {before}，需要变为 {after}。",
        "Stored values are never converted. Give the field a new id, fill it, and remove the old one.",
        "已存的值不会被转换。请用新的标识新建字段，填好后再去掉旧字段。",
    ),
    "T102": _text(
        "{count} groups of records in {table} share the same {columns}, which should be unique.",
        "{table} 中有 {count} 组记录的 {columns} 相同，而它们应当唯一。",
        "Change the records that share values first.",
        "请先修改重复的记录。",
    ),
    "T103": _text(
        "The database has changed since the plan was made.",
        "做出计划之后，数据库又有变化。",
        "Make the plan again.",
        "请重新生成计划。",
    ),
    # --- V: values of a record (shown to business users without the code) ---
    "V101": _text("{label} must not be empty.", "{label}不能为空。"),
    "V102": _text("{label} should be {expected}; “{value}” is not.", "{label}应为{expected}，而“{value}”不是。"),
    "V103": _text("{label} must hold: {rule}.", "{label}必须满足：{rule}。"),
    "V120": _text("{label} cannot be changed now.", "{label}现在不能修改。"),
    "V121": _text("{label} can only be set when the record is made.", "{label}只能在新建时填写。"),
    "V122": _text("“{value}” cannot be chosen for {label}.", "{label}不能选择“{value}”。"),
    "V123": _text(
        "{label}: there is no such record.", "{label}：没有这条记录。", "Choose one from the list.", "请从列表中选择。"
    ),
    "V124": _text("There is already a record with the same {label}.", "已有{label}相同的记录。"),
    "V125": _text("{label}: a record cannot stand below itself.", "{label}：记录不能成为自己的下级。"),
    "V126": _text("{label} is too large a number.", "{label}的数值过大。"),
    "V127": _text("{label} is needed in the stage {stage}.", "阶段“{stage}”需要填写{label}。"),
    "V128": _text("{label} cannot go from {before} to {after}.", "{label}不能从“{before}”移到“{after}”。"),
    "V129": _text("The task “{task}” of the stage {stage} is not done.", "阶段“{stage}”的任务“{task}”尚未完成。"),
    "V130": _text(
        "{form}: {count} still point here, so it cannot be deleted.", "仍有{count}条{form}引用此记录，不能删除。"
    ),
    "V139": _text(
        "Records that you may not see still point here, so it cannot be deleted.",
        "仍有您无权查看的记录引用此记录，不能删除。",
    ),
    "V131": _text("{label} has no stage “{value}” here.", "{label}没有阶段“{value}”。"),
    "V132": _text("{label}: the file is not there or cannot be used here.", "{label}：文件不存在或不能在此使用。"),
    "V133": _text(
        "Only certain roles may reopen a record in {stage}.", "只有特定角色可以重新打开处于“{stage}”的记录。"
    ),
    "V134": _text("This task is done by its condition, not by ticking it.", "该任务由条件判断完成，不能手动勾选。"),
    "V135": _text("{label}: the record chosen does not fit here.", "{label}：所选记录不符合要求。"),
    "V137": _text("There is only one {label}, and it is there already.", "{label}只能有一条记录，且已存在。"),
    "V136": _text("{label} has more than one record “{value}”.", "{label}有多条名为“{value}”的记录。"),
    # --- R: records and requests ---
    "R101": _text("There is no field '{name}' here that can be used.", "这里没有可用的字段“{name}”。"),
    "R102": _text("You may not do this: {verb}.", "您没有权限：{verb}。"),
    "R103": _text("The same key was already used for another request.", "同一个键已用于另一个请求。"),
    "R104": _text("There is no view '{name}' here.", "这里没有视图“{name}”。"),
    "R105": _text("This action is not possible now: {name}.", "现在不能执行此操作：{name}。"),
    "R106": _text("A page has at most {most} records.", "每页最多{most}条记录。"),
    "R107": _text("Login or password is wrong.", "登录名或密码错误。"),
    "R108": _text("Too many attempts. Try again in {minutes} minutes.", "尝试次数过多，请在{minutes}分钟后再试。"),
    "R109": _text(
        "The password needs at least {least} and at most {most} characters.", "密码长度应为{least}到{most}个字符。"
    ),
    "R110": _text(
        "This place in the list is not valid any more.",
        "列表位置已失效。",
        "Start from the first page.",
        "请从第一页开始。",
    ),
    "R111": _text("The present password is wrong.", "当前密码不正确。"),
    "R112": _text("The file is larger than {most} MB.", "文件大于{most} MB。"),
    "R113": _text("The text is empty.", "内容不能为空。"),
    "R114": _text("There is no person '{name}' here.", "这里没有人员“{name}”。"),
    "R115": _text("This link is no longer valid.", "该链接已失效。"),
    "R116": _text("'{name}' is not a format that can be exported.", "不支持导出格式“{name}”。"),
    "R117": _text("A name is needed.", "请填写名称。"),
    "R118": _text("This password is too easy to guess.", "该密码过于常见。"),
    "R119": _text(
        "No definitions have been applied to the company {company}.",
        "公司 {company} 尚未应用任何定义。",
        "Run weft apply.",
        "请运行 weft apply。",
    ),
    "R120": _text(
        "The database of the company {company} cannot be read: {reason}", "无法读取公司 {company} 的数据库：{reason}"
    ),
    # --- I: import ---
    "I101": _text("The file has no column '{name}'.", "文件中没有列“{name}”。"),
    "I102": _text("There is no {label} “{value}”.", "没有名为“{value}”的{label}。"),
    "I103": _text("The key '{name}' is empty.", "键“{name}”为空。"),
    "I104": _text("The file '{name}' is not there.", "文件“{name}”不存在。"),
    "I105": _text("“{name}” cannot be read as text in UTF-8.", "“{name}”不是UTF-8编码的文本。"),
    "I106": _text("The key “{value}” stands in more than one row.", "键“{value}”出现在多行中。"),
    # --- A: approvals at work ---
    "A101": _text("This approval has ended: {state}.", "该审批已结束：{state}。"),
    "A102": _text("This approval is suspended.", "该审批已被挂起。", "Ask its administrator.", "请联系流程管理员。"),
    "A103": _text("This task was already decided: {decision}, {by}, {at}.", "该任务已处理：{decision}，{by}，{at}。"),
    "A104": _text("This task is not yours.", "这不是您的任务。"),
    "A105": _text(
        "The task has changed since you opened it.", "任务在您打开之后已变化。", "Reload the page.", "请刷新页面。"
    ),
    "A106": _text(
        "The record is in approval and can be changed only through its tasks.", "记录正在审批中，只能通过审批任务修改。"
    ),
    "A107": _text("An approval is already running on this record.", "该记录已有审批在进行。"),
    "A108": _text("'{other}' is already in approval for the same {label}.", "同一{label}已有“{other}”在审批中。"),
    "A109": _text("You may not start this approval.", "您不能发起此审批。"),
    "A110": _text("One cannot return to '{step}' from here.", "不能从这里退回到“{step}”。"),
    "A111": _text(
        "The approval has been returned {rounds} times; only its administrator may return it again.",
        "审批已退回 {rounds} 次，只有流程管理员可以再退回。",
    ),
    "A112": _text("The workflow '{workflow}' walks on without end.", "流程“{workflow}”无限循环。"),
    "A113": _text("Somebody has already decided; it cannot be withdrawn any more.", "已有人处理，不能再撤回。"),
    "A114": _text("What followed has already gone on; the decision cannot be taken back.", "后续已有处理，不能取回。"),
    "A115": _text("A task cannot be handed to yourself.", "不能转交给自己。"),
    "A116": _text("{name} already has a task in this step.", "{name}在此步骤已有任务。"),
    "A117": _text("Who was added cannot add others.", "被加签的人不能再加签。"),
    "A118": _text("The last approver cannot be removed.", "不能减去最后一位审批人。"),
    "A119": _text("You urged less than an hour ago.", "一小时内已催办过。"),
    "A120": _text("An opinion is needed.", "请填写意见。"),
    "A121": _text("A signature is needed.", "请手写签名。"),
    "A122": _text("No way leads on at '{step}'.", "步骤“{step}”没有可走的分支。"),
    "A123": _text("Effect {number} of '{step}' failed: {reason}", "“{step}”的第 {number} 个动作失败：{reason}"),
    "A124": _text(
        "{label} was changed elsewhere while the approval ran: {before} → {after}.",
        "审批期间{label}被别处修改：{before} → {after}。",
    ),
    "A125": _text(
        "The step '{step}' finds {count} people; {most} are allowed.", "步骤“{step}”找到 {count} 人，最多 {most} 人。"
    ),
    "A126": _text("{action} is not possible at this step.", "此步骤不能{action}。"),
    "A127": _text("'{label}' may not be changed at this step.", "此步骤不能修改“{label}”。"),
    "A128": _text("'{label}' must be filled in at this step.", "此步骤必须填写“{label}”。"),
    "A129": _text("The step '{step}' finds nobody.", "步骤“{step}”找不到人。"),
    "A130": _text("The approval cannot move to the new definition: {reason}", "审批不能迁移到新定义：{reason}"),
}
