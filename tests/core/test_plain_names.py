"""A person's name is a name: nothing that a message could carry for somebody else."""

import pytest

from mobilize.core.texts import fault_of_name, is_plain


@pytest.mark.parametrize(
    "name",
    ["李英", " 王晓梅 ", "阿依古丽·买买提", "Jean-Luc O’Neil", "J.R. Smith", "张伟2", "李英（示例）", "Ngọc"],
)
def test_names_of_all_kinds_pass(name):
    assert fault_of_name(name) == ""


@pytest.mark.parametrize(
    "name",
    [
        "【工行】账户冻结",
        "点 evil.cn 解冻",
        "点 ｅｖｉｌ．ｃｎ 解冻",
        "点 evil。cn 解冻",
        "http://a",
        "10.0.0.1",
        "a/b",
        "李\u202e英",
        "李\x07英",
        "李\u200b英",
        "李\n英",
        "请拨 95588",
        "客服,已",
    ],
)
def test_what_is_no_name_is_refused(name):
    assert fault_of_name(name) == "bad_text"


@pytest.mark.parametrize(("name", "code"), [(" ", "required"), ("长" * 60, ""), ("长" * 61, "too_long")])
def test_a_name_has_a_length(name, code):
    assert fault_of_name(name) == code


@pytest.mark.parametrize(("text", "plain"), [("二车间突击队, 30 人", True), ("evil.cn/x", False), ("【工行】", False)])
def test_a_text_in_a_message_is_free_but_carries_no_address_and_no_sender(text, plain):
    assert is_plain(text) is plain
