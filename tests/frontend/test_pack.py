"""Pages leave packed. (Kept ones: test_public_page.py.)"""

import gzip

GZIP = {"Accept-Encoding": "gzip, deflate, br"}


def test_a_page_of_ones_own_is_packed_and_padded_so_that_its_length_tells_nothing(phone):
    packed = [phone.get("/me/", headers=GZIP) for _ in range(8)]
    assert {answer["Content-Encoding"] for answer in packed} == {"gzip"}
    assert all("我的任务" in gzip.decompress(answer.content).decode() for answer in packed)
    assert all(int(answer["Content-Length"]) == len(answer.content) for answer in packed)
    assert "Accept-Encoding" in packed[0]["Vary"]
    assert len({len(answer.content) for answer in packed}) > 1


def test_who_cannot_unpack_gets_it_plain(phone):
    for accepted in ("", "gzip;q=0", "br"):
        answer = phone.get("/me/", headers={"Accept-Encoding": accepted})
        assert "Content-Encoding" not in answer
        assert "我的任务" in answer.content.decode()
