"""The texts of problems of sites, files and definitions: families S, Y, D, O, C."""

from __future__ import annotations

from engine.problem_codes.soundness import PEOPLE, SOUNDNESS
from engine.problem_codes.texts import ProblemText
from engine.problem_codes.texts import text as _text

DEFINITIONS: dict[str, ProblemText] = {
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
        "An action has exactly one of: creates, sets, starts, runs, duplicate.",
        "一个操作恰好有其中之一：creates、sets、starts、runs、duplicate。",
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
    "C141": _text("The form {form} has no workflow '{name}'.", "表单 {form} 没有流程“{name}”。"),
    **SOUNDNESS,
    **PEOPLE,
}
