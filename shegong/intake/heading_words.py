"""What may be quoted of a heading that nobody knows: in an odd file it may be a person's name, or a number of theirs.

Only words that contracts and offices' forms are made of are quoted. Of anything else the first character is shown, as of a
name; the column's letter shows the clerk which one is meant.
"""

import re
from functools import cache
from itertools import pairwise

from shegong import contract, people

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]+")
_LATIN = re.compile(r"[^\W\d_\u3400-\u9fff\U00020000-\U000323af]+")
_LONG_NUMBER = re.compile(r"(?:\d[\s-]?){6}")
# what offices' forms ask beyond our contracts
_OFFICE = """
序号 顺序号 编号 行号 姓名 名字 曾用名 别名 性别 民族 籍贯 出生 出生年月 出生日期 出生地 年龄 周岁 政治面貌 党员 入党时间 学历 学位 文化程度 最高学历
毕业院校 毕业学校 毕业时间 所学专业 专业名称 职务 职称 职业 职位 岗位 岗位名称 职业资格 技术职务 任职 任职时间 电话 电话号码 联系电话 联系方式 联系人 联系地址 手机 手机号 手机号码
办公电话 座机 传真 电子邮箱 邮箱 邮编 微信 微信号 地址 住址 家庭住址 通讯地址 户籍 户籍地 户口所在地 现居住地 照片 相片 头像 附件 截图 银行 开户行 开户银行 银行卡号 卡号 账号 账户 户名
入职时间 离职时间 参加工作时间 工作年限 从业年限 工龄 合同 合同编号 合同期限 聘用 聘用形式 用工性质 编制 工资 基本工资 补贴 奖金 社保 医保 公积金 健康状况 婚姻状况 特长 爱好 奖惩情况 荣誉 简历
家庭成员 紧急联系人 填表人 填报人 审核人 经办人 负责人 法定代表人 法人代表 签字 签名 盖章 备考 备注说明 附注 情况说明 说明 其他 其它 其他情况 是否 必填 选填 自动生成 名称 全称 简称 日期 时间
年份 年度 月份 季度 上半年 下半年 本年 本年度 上年 本月 上月 本期 上期 累计 当月 当年 同比 环比 增长率 增减 合计 小计 总计 总数 数量 人数 人次 户数 次数 金额 单价 总价 总额 余额 比例 占比 百分比 得分 分数 成绩 准考证号 证书编号 证书号码 证书名称
发证日期 发证时间 发证机关 有效期 目前 现在 现任 原单位 所在单位 所在部门 部门 科室 处室 所属区域 所属街道 所属社区 所属单位 所在地 乡镇街道 镇街 街镇 社区名称 村社区 城区 市区县 省市 省份 城市 区县 县市区 社工 社工姓名 社会工作者 职工 员工 人员 人员类别 成员
专长 费用 人员费用 日常费用 管理费用 办公费用 差旅费 水电费 小计金额 全日制 在职 培训费 课时 第一季度 第二季度 第三季度 第四季度 汇总 统计 明细 一览 登记 志愿者 学生 老年人 老人 儿童 残疾人 类型 类别 种类 性质 等级 级别 状态 结果 意见 审核意见 审批意见 核查 核对 核实 原因 来源 用途 内容 主要内容 工作内容 项目 项目名称 项目负责人 活动 活动名称 服务 服务对象 服务内容 服务时长
"""
_LETTERS = {"id", "qq", "email", "mail", "no", "tel", "sex", "name", "date", "url", "excel", "wps", "a", "b", "c", "x", "y"}  # fmt: skip


def told(heading: str) -> str:
    """The heading as a finding may show it; each of its words where several stand one under another."""
    return "/".join(word if is_plain(word) else people.mask_name(word.strip()) for word in heading.split("/"))


def is_plain(heading: str) -> bool:
    """Whether every two characters of it, or one of two, stand so in a word that forms are made of."""
    heading = re.sub(r"\s+", "", heading)
    if _LONG_NUMBER.search(heading):
        return False
    letters = (found.casefold() for found in _LATIN.findall(heading))
    return all(word in _LETTERS or word in _known_letters() for word in letters) and all(
        map(_is_of_words, _HAN.findall(heading))
    )


def _is_of_words(text: str) -> bool:
    """Each character with the one before it or the one after it; a single one says nobody's name."""
    known = [a + b in _pairs() for a, b in pairwise(text)]
    return len(text) == 1 or all(a or b for a, b in pairwise([False, *known, False]))


@cache
def _pairs() -> frozenset[str]:
    """All pairs of neighbours in the words of every version of every contract, and of offices' forms."""
    runs = (run for text in _texts() for run in _HAN.findall(text))
    return frozenset(a + b for run in runs for a, b in pairwise(run))


@cache
def _known_letters() -> frozenset[str]:
    texts = (*_texts(), *(f.name.replace("_", " ") for f in _fields()))
    return frozenset(word.casefold() for text in texts for word in _LATIN.findall(text))


def _fields() -> list[contract.Field]:
    return [field for history in contract.versions().values() for c in history for field in c.fields]


def _texts() -> list[str]:
    said = [text for f in _fields() for text in (f.header, f.description, *f.aliases)]
    said += [word for f in _fields() if f.codes for word in f.codes.words]
    named = (c for history in contract.versions().values() for c in history)
    return [*said, *(text for c in named for text in (c.title, *c.aliases)), _OFFICE]
