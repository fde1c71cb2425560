"""The texts of problems at work: families T, V, R, I, A."""

from __future__ import annotations

from engine.problem_codes.texts import ProblemText
from engine.problem_codes.texts import text as _text

RECORDS: dict[str, ProblemText] = {
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
    "T104": _text(
        "{count} records of {form} stand in the stage '{stage}' of {field}, which is not there any more.",
        "{form} 中有 {count} 条记录处于 {field} 的阶段“{stage}”，而该阶段已不存在。",
        "Write where they go: moved: {{stage}: …} in {set}, or was: {stage} at the stage's new name.",
        "请写明它们的去向：在 {set} 中写 moved: {{stage}: …}，或在新阶段上写 was: {stage}。",
    ),
    "T105": _text(
        "{count} running approvals of {workflow}, version {version}, cannot go on: step '{step}': {reason}",
        "{workflow} 的版本 {version} 有 {count} 个审批正在进行，它们将无法继续：步骤“{step}”：{reason}",
        "Bring it back, or let them end, or move them to a version without it first: weft migrate {workflow}",
        "请恢复它，或等这些审批结束，或先把它们迁移到不再使用它的版本：weft migrate {workflow}",
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
    "V142": _text("Only certain roles may bring a record to {stage}.", "只有特定角色可以将记录移至“{stage}”。"),
    "V138": _text(
        "The stage {stage} is entered by approval: {workflow}.", "阶段“{stage}”须经审批“{workflow}”通过后进入。"
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
    # --- WF: workflows as defined ---
    "WF001": _text("The step '{name}' does not say what it does.", "步骤“{name}”没有写明种类。",
                   "Write it as approve: {name}, fill: {name}, auto: {name} …", "请写成 approve: {name}、fill: {name}、auto: {name} 等。"),
    "WF003": _text("'{name}' stands twice in this workflow.", "流程里“{name}”重复。", "Give every step a name of its own.", "每个步骤要有不同的名字。"),
    "WF004": _text("The form {form} has a field 'state' of its own.", "表单 {form} 自己有字段 state。",
                   "Rename the field, or write state: false in the workflow.", "请改字段名，或在流程里写 state: false。"),
    "WF035": _text("The step '{name}' does not say what it waits for.", "步骤“{name}”没有写明等待什么。",
                   "Write until: {when: …}, {at: …} or {after: 2 days}.", "请写 until: {when: …}、{at: …} 或 {after: 2 days}。"),
    "WF041": _text("'{value}' is not a share of votes.", "“{value}”不是票数比例。", "Write 60%, 2/3, >1/2 or a number.", "请写 60%、2/3、>1/2 或票数。"),
    "WF050": _text("The form {form} has no field '{name}' that could be edited, required or hidden.", "表单 {form} 没有可编辑、必填或隐藏的字段“{name}”。",
                   "Write the id of a field, or lines.column.", "请写字段的标识，或 子表.列。"),
    "WF051": _text("'{field}' is required here but cannot be edited here.", "“{field}”在此必填，却不能编辑。", "Add it to edit.", "请加入 edit。"),
    "WF052": _text("This effect says nothing, or several things at once.", "这个动作没有内容，或同时写了几种。", "Use one of: {known}.", "请用其中一种：{known}。"),
    "WF053": _text("'{path}' does not lead to a record that could be updated.", "“{path}”不指向可更新的记录。",
                   "Write links only: parent, or rows.item with for_each: rows.", "只能写关联：parent，或 for_each: rows 时写 rows.item。"),
    "WF054": _text("A record of {form} would be created again on every return.", "每次退回都会再次创建 {form} 的记录。",
                   "Add key: the fields by which the record is found again.", "请写 key：用哪些字段找回这条记录。"),
    "WF055": _text("{form} requires '{field}', which nothing fills here.", "{form} 必填“{field}”，这里没有赋值。", "Add it to set.", "请在 set 中赋值。"),
    "WF057": _text("'{field}' is hidden here and edited here.", "“{field}”在此既隐藏又可编辑。", "Take it out of hide or of edit.", "请从 hide 或 edit 中去掉。"),
    "WF060": _text("There is no role '{name}'.", "没有角色“{name}”。", "Write the id of a role of an app or of the company.", "请写应用或公司中角色的标识。"),
    "WF061": _text("This does not say who.", "这里没有写明是谁。", "Use one of: {known}.", "请用其中一种：{known}。"),
    "WF062": _text("'{name}' does not lead to people.", "“{name}”不指向人员。", "Expected: {expected}.", "应为：{expected}。"),
    "WF064": _text("A chain of superiors needs an end.", "连续多级上级要写明到哪里为止。", "Write until: {level: 2}, {role: …} or {when: …}.", "请写 until: {level: 2}、{role: …} 或 {when: …}。"),
    "WF072": _text("'{value}' is not a length of time.", "“{value}”不是时长。", "Write 4 hours, 2 days or 2 workdays.", "请写 4 hours、2 days 或 2 workdays。"),
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
    "A131": _text("Choose {least} to {most} people for '{step}', from those offered.", "请为“{step}”从候选人中选择 {least} 到 {most} 人。"),
    "A132": _text("This would make a circle of people who stand in for each other.", "这样会形成互相代理的循环。"),
    "A133": _text("Somebody cannot stand in for themselves.", "不能委托给自己。"),
    "A134": _text("The delegation ends before it begins.", "委托的结束时间早于开始时间。"),
    "A135": _text("No opinion is asked at this step.", "此步骤不填写意见。"),
    "A136": _text("It is not your turn yet.", "还没有轮到您处理。"),
    "A137": _text("This approval cannot be withdrawn.", "该审批不能撤回。"),
    "A138": _text("Only administrators of the workflow may do this.", "只有流程管理员可以这样做。"),
    "A139": _text("At most {most} tasks are decided at once; these are {count}.", "一次最多处理 {most} 个任务，现有 {count} 个。"),
    "A140": _text("'{name}' leads to no record.", "“{name}”没有关联记录。"),
    "A141": _text("A record that is needed does not exist any more.", "需要的记录已不存在。"),
    "A142": _text("There is already a record of {form} with the same key that this approval has not made.", "{form}中已有相同键的记录，且不是由本审批创建。"),
    "A150": _text("{name} started this approval and cannot approve it as well.", "{name}是该审批的发起人，不能同时审批。"),
    "A151": _text("Nothing waits here.", "这里没有等待处理的任务。"),
    "A152": _text("{name} has claimed this task.", "{name}已认领该任务。"),
    "A155": _text("Tick the approvals that you want to decide.", "请先勾选要处理的审批。"),
    "A153": _text("Somebody who was already added here still has to answer.", "已加签的人尚未处理。"),
    # why a running approval cannot come over to a changed definition
    "A180": _text(
        "The step '{step}' is not there any more.",
        "步骤“{step}”已不存在。",
        "Say where it goes: migrate: {map: {{name}: another step, start or skip}}.",
        "请写明去向：migrate: {map: {{name}: 另一步骤、start 或 skip}}。",
    ),
    "A181": _text(
        "The step '{step}' was of kind {before} and is now of kind {after}.",
        "步骤“{step}”的种类由 {before} 变为 {after}。",
    ),
    "A182": _text(
        "The step '{step}' does not stand in the same branches of the same parallels as before.",
        "步骤“{step}”所在的并行分支与以前不同。",
    ),
    "A183": _text("The workflow is now about records of {form}.", "流程现在用于 {form}。"),
    "A174": _text("'{step}' would call {count} approvals; the most is {most}.", "“{step}”将发起 {count} 个审批，最多 {most} 个。"),
    "A175": _text("'{step}' cannot start the approval of '{title}': {reason}", "“{step}”不能发起“{title}”的审批：{reason}"),
    "A176": _text("There is no workflow '{workflow}' any more.", "流程“{workflow}”已不存在。"),
    "A171": _text("Approvals start one another more than {most} deep: '{workflow}'.", "审批相互发起超过 {most} 层：“{workflow}”。"),
    "A172": _text("Effects of '{step}' cannot be carried out: {reason}", "“{step}”的动作不能执行：{reason}"),
    "A173": _text("'{name}' could not be told: {reason}", "未能通知“{name}”：{reason}"),
    "A190": _text("Say which version of the record you have seen.", "请说明您看到的记录版本（version）。"),
}
