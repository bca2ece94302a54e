import pytest

from config import env


@pytest.fixture
def given(monkeypatch):
    return lambda value: monkeypatch.setenv("WHAT", value)


def test_templates_are_read_by_kind_and_language_with_the_facts_they_take_by_place(given):
    given("confirmed=SMS_1, confirmed:en=SMS_2,hour_before.other:en=SMS_3,code=1001/code/minutes")
    assert env.templates("WHAT", when=True) == {
        "confirmed": ["SMS_1"],
        "confirmed:en": ["SMS_2"],
        "hour_before.other:en": ["SMS_3"],
        "code": ["1001", "code", "minutes"],
    }


@pytest.mark.parametrize(
    "value", ["confirmed", "confirmed=", "a=1,a=2", "a:fr=1", "a.=1", "a:en.b=1", "a=1/", "a=中文", ""]
)
def test_odd_templates_stop_the_start_and_name_the_setting(given, value):
    given(value)
    with pytest.raises(env.SettingError, match="setting WHAT"):
        env.templates("WHAT", when=True)


@pytest.mark.parametrize("value", ["pigeon", "gateway,gateway"])
def test_a_choice_of_unknown_or_repeated_words_stops_the_start(given, value):
    given(value)
    with pytest.raises(env.SettingError, match="setting WHAT"):
        env.choices("WHAT", "", {"gateway", "aliyun"})


def test_what_a_provider_needs_is_asked_for_only_where_it_is_used(given):
    assert env.needed("WHAT", when=False) == ""
    given("")
    with pytest.raises(env.SettingError, match="setting WHAT is required"):
        env.needed("WHAT", when=True)
