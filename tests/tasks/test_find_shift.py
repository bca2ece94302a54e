import pytest
from django.utils import translation

from mobilize.tasks import queries
from mobilize.tasks.models import Shift
from tests.factories import ShiftFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("reader", ["zh-hans", "en"])
@pytest.mark.parametrize("typed", ["秩序", "order keep", "ORDER", "老军营", "laojunying", "新建路"])
def test_a_shift_is_found_by_post_and_place_in_both_languages(typed, reader):
    shift = ShiftFactory(
        post__kind="order",
        post__site__name="老军营小区",
        post__site__name_en="Laojunying",
        post__site__address="新建路9号",
    )
    ShiftFactory(post__kind="supplies")
    with translation.override(reader):
        assert list(queries.shifts(Shift.objects.all(), search=typed)) == [shift]


def test_a_word_that_fits_nothing_finds_nothing():
    ShiftFactory()
    assert not queries.shifts(Shift.objects.all(), search="飞机").exists()
