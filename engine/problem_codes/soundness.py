"""The texts of problems of workflows that are read, but would not work: what can never be reached, left or decided."""

from __future__ import annotations

from engine.problem_codes.texts import ProblemText
from engine.problem_codes.texts import text as _text

PEOPLE: dict[str, ProblemText] = {
    "A201": _text(
        "{company}: '{step}' of '{workflow}' finds nobody {starters}{where}: the approval would stand still.",
        "{company}：{starters}，“{workflow}”的“{step}”找不到处理人{where}：审批会停住。",
        "Give somebody the role or the department its head, or say under empty who decides instead.",
        "请为角色或部门负责人指定人员，或在 empty 中写明由谁处理。",
    ),
    "A202": _text(
        "{company}: '{step}' of '{workflow}' finds nobody {starters}{where}: its administrators would have to decide.",
        "{company}：{starters}，“{workflow}”的“{step}”找不到处理人{where}：只能由流程管理员处理。",
        "Give somebody the role or the department its head, or say under empty who decides instead.",
        "请为角色或部门负责人指定人员，或在 empty 中写明由谁处理。",
    ),
    "A203": _text(
        "{company}: '{step}' of '{workflow}' finds {count} people {starters}{where}; the most is {most}.",
        "{company}：{starters}，“{workflow}”的“{step}”找到 {count} 人{where}，最多 {most} 人。",
    ),
    "A204": _text("{company}: nobody can start '{workflow}'.", "{company}：没有人能发起“{workflow}”。"),
    "A205": _text(
        "{company}: '{step}' of '{workflow}' needs {needed} votes, but finds {count} people {starters}{where}.",
        "{company}：{starters}，“{workflow}”的“{step}”需要 {needed} 票，却只找到 {count} 人{where}。",
        "Write pass: as a share, as in 60%, or name more people.",
        "请把 pass 写成比例，例如 60%，或增加人员。",
    ),
}
"""What `weft check --people` finds in the organisation as it is."""

SOUNDNESS: dict[str, ProblemText] = {
    "WF002": _text(
        "The step '{name}' cannot be of kind {one} and {other} at once.",
        "步骤“{name}”不能同时是 {one} 和 {other}。",
        "Write two steps, one after the other.",
        "请写成前后两个步骤。",
    ),
    "WF010": _text(
        "'{name}' is never reached: '{before}' never goes on.",
        "“{name}”永远到不了：“{before}”之后不会继续。",
        "Take it out, or let a case of the step before go on.",
        "请删除该步骤，或让前一步骤有继续的情况。",
    ),
    "WF011": _text(
        "From '{name}' on the workflow never comes to an end.",
        "到了“{name}”，流程就再也不会结束。",
        "Let one way lead out of the loop.",
        "请让循环有一条出路。",
    ),
    "WF020": _text(
        "The branch '{name}' has no case for everything else: {example}.",
        "分支“{name}”没有“其他情况”，例如：{example}。",
        "Add a last case {else: true, steps: []}.",
        "请在最后加上 {else: true, steps: []}。",
    ),
    "WF021": _text(
        "The case '{case}' of '{name}' takes everything, but is not the last.",
        "“{name}”的情况“{case}”总是成立，却不是最后一个。",
        "Only the last case is else: true; the others have when.",
        "只有最后一个情况写 else: true，其余都要写 when。",
    ),
    "WF022": _text(
        "The case '{case}' of '{name}' is never taken: {why}.",
        "“{name}”的情况“{case}”永远不会走到：{why}。",
        "Take the case out, change its condition, or put it before the others.",
        "请删除该情况、修改条件，或把它移到前面。",
    ),
    "WF030": _text(
        "The parallel '{name}' has fewer than two branches.",
        "并行“{name}”少于两个分支。",
        "Add a branch, or write the steps without parallel.",
        "请再加一个分支，或不用 parallel 直接写步骤。",
    ),
    "WF031": _text(
        "Every branch of the parallel '{name}' has a condition: nothing says what happens when none holds: {example}.",
        "并行“{name}”的每个分支都有条件，没有写明都不成立时怎么办，例如：{example}。",
        "Write none: skip or none: error.",
        "请写 none: skip 或 none: error。",
    ),
    "WF032": _text(
        "'{field}' is changed in two branches of '{name}' that go on at the same time: {one} and {other}.",
        "“{field}”在“{name}”同时进行的两个分支里都会改变：{one} 和 {other}。",
        "Let one of the branches edit it, or put the steps one after the other.",
        "请只在一个分支中编辑，或让步骤前后进行。",
    ),
    "WF033": _text(
        "The parallel '{name}' waits for {count} of {branches} branches.",
        "并行“{name}”要等 {count} 个分支，但只有 {branches} 个。",
        "Write join: {n: …} with at most the number of its branches.",
        "join: {n: …} 不能超过分支数。",
    ),
    "WF034": _text(
        "'{name}' waits for ever: its condition never holds.",
        "“{name}”会永远等待：条件永远不成立。",
        "Write another condition, or add timeout: {after: 30 days, do: end}.",
        "请改条件，或加上 timeout: {after: 30 days, do: end}。",
    ),
    "WF040": _text(
        "A step that is filled in has no mode '{mode}'.",
        "填写步骤没有方式“{mode}”。",
        "Use any or all.",
        "请用 any 或 all。",
    ),
    "WF058": _text(
        "'{field}' is computed: nobody can fill it in.",
        "“{field}”由公式计算，无法填写。",
        "Take it out of edit: and set:; change the fields it is computed from.",
        "请从 edit 和 set 中去掉，改为修改参与计算的字段。",
    ),
    "WF056": _text(
        "{form} requires '{field}', which can be filled in nowhere.",
        "{form} 必填“{field}”，但没有地方可以填写。",
        "Add it to edit: of start or of a step, set it by an effect, or give it a default.",
        "请在 start 或某个步骤的 edit 中加入它，用动作赋值，或设默认值。",
    ),
    "WF063": _text(
        "Superiors are asked one after the other.",
        "逐级上级要依次审批。",
        "Add mode: sequence.",
        "请加上 mode: sequence。",
    ),
    "WF065": _text(
        "'{step}' need not have been handled when '{name}' comes.",
        "到“{name}”时，“{step}”不一定已经处理过。",
        "Name a step that everybody passes before, or say under empty who decides instead.",
        "请指定之前必经的步骤，或在 empty 中写明由谁处理。",
    ),
    "WF066": _text(
        "There is no handler yet whose superior could be asked.",
        "这里还没有处理人，不能取处理人的上级。",
        "Write superior: initiator, or a field with a person.",
        "请写 superior: initiator，或一个人员字段。",
    ),
    "WF067": _text(
        "Nobody administers this workflow.",
        "流程没有管理员。",
        "Add admin: [{role: …}].",
        "请写 admin: [{role: …}]。",
    ),
    "WF068": _text("'{name}' does not say who.", "“{name}”没有写明由谁处理。", "Add who.", "请写 who。"),
    "WF069": _text(
        "'{kind}' cannot stand here: nobody has decided or chosen anything then.",
        "这里不能用“{kind}”：那时还没有人处理或选择。",
        "Name a role, a person, or somebody above the initiator.",
        "请写角色、人员或发起人的上级。",
    ),
    "WF070": _text(
        "'{name}' cannot be approved by itself: it asks for {asks}.",
        "“{name}”不能自动同意：它要求{asks}。",
        "Let it remind or be transferred instead, or take away what it asks for.",
        "请改为提醒或转交，或去掉这些要求。",
    ),
    "WF071": _text("'{do}' does not say to whom.", "“{do}”没有写明给谁。", "Add to.", "请写 to。"),
    "WF073": _text(
        "{what} is {count}; the most is {most}.",
        "{what}为 {count}，最多 {most}。",
        "Stay within it; a long process is better written as several.",
        "请不要超过；过长的流程可以拆成几个。",
    ),
    "WF074": _text(
        "'{name}' escalates, but is never due.", "“{name}”有超时动作，却没有期限。", "Add due.", "请写 due。"
    ),
    "WF075": _text(
        "'{name}' is to wait for {amount}: no time at all.",
        "“{name}”的等待时间是 {amount}，等于不等待。",
        "Write a length of time above 0.",
        "请写大于 0 的时长。",
    ),
    "WF080": _text(
        "There is no step '{name}'.",
        "没有步骤“{name}”。",
        "Write the name of a step of this workflow, or start.",
        "请写本流程中步骤的名称，或 start。",
    ),
    "WF081": _text(
        "One cannot go back to '{name}': it is a step of kind {kind}.",
        "不能回到“{name}”：它的种类是 {kind}。",
        "Name a step that people approve or fill in.",
        "请指定审批或填写步骤。",
    ),
    "WF082": _text(
        "One cannot go from '{step}' to '{name}': both go on at the same time.",
        "不能从“{step}”回到“{name}”：两者同时进行。",
        "Name a step before the parallel, or start.",
        "请指定并行之前的步骤，或 start。",
    ),
    "WF083": _text(
        "One cannot go from '{step}' to '{name}': it is in a case that was not taken.",
        "不能从“{step}”回到“{name}”：它在没有走的分支里。",
        "Name a step before the branch, or start.",
        "请指定分支之前的步骤，或 start。",
    ),
    "WF084": _text(
        "'{name}' does not come before '{step}'.",
        "“{name}”不在“{step}”之前。",
        "Name a step that comes before, or start.",
        "请指定之前的步骤，或 start。",
    ),
    "WF085": _text(
        "A goto does not lead into a block: '{name}' lies inside another.",
        "goto 不能进入块内：“{name}”在另一个块里。",
        "Name the step before the block, or one beside the goto.",
        "请指定该块之前的步骤，或与 goto 同级的步骤。",
    ),
    "WF086": _text(
        "'{name}' leads to itself.",
        "“{name}”指向自己。",
        "Name an earlier step, or start.",
        "请指定更早的步骤，或 start。",
    ),
    "WF090": _text(
        "The loop back to '{name}' may go round by itself: nobody has to act in it.",
        "回到“{name}”的循环可能自己转下去：其中没有人必须处理。",
        "Put a step into it that somebody has to handle: without empty: skip or reject, self: skip and dedup.",
        "请在其中放一个必须有人处理的步骤：不写 empty: skip 或 reject、self: skip、dedup。",
    ),
    "WF091": _text(
        "Workflows start each other in a circle: {circle}.",
        "流程互相发起成环：{circle}。",
        "Let one of them not start the other.",
        "请让其中一个不再发起另一个。",
    ),
    "WF092": _text(
        "There is no workflow '{name}'.",
        "没有流程“{name}”。",
        "Write the id of a workflow: app.name.",
        "请写流程的标识：应用.名称。",
    ),
    "WF093": _text(
        "migrate sends '{old}' to '{name}', which is no step here.",
        "migrate 把“{old}”迁往“{name}”，但这里没有该步骤。",
        "Name a step of this workflow, start or skip.",
        "请写本流程的步骤、start 或 skip。",
    ),
    "WF094": _text(
        "'{workflow}' is for records of {form}, but '{path}' leads to {other}.",
        "“{workflow}”用于 {form}，但“{path}”指向 {other}。",
    ),
    "WF095": _text(
        "'{workflow}' cannot be started on the record whose approval is running.",
        "不能在审批进行中的记录上再发起“{workflow}”。",
        "Say for which other record: for: link; or start it at the end: outcomes: {approved: …}.",
        "请用 for: 指明另一条记录，或在结束时发起：outcomes: {approved: …}。",
    ),
    "WF096": _text(
        "'{name}' is a field of the record itself: it is held anyway while the approval runs.",
        "“{name}”是记录自身的字段，审批进行中本来就不能修改。",
        "Watch values behind links: guard: [contract.amount].",
        "请监视关联记录的值：guard: [contract.amount]。",
    ),
    "WF097": _text("'{field}' is not a number that can be drawn.", "“{field}”不是可以取号的编号字段。"),
    "WF098": _text("A call knows no {key} '{value}': {known}.", "子流程的 {key} 没有“{value}”，只有 {known}。"),
}
