"""The yearly notice is read from its own words, and what does not agree with itself is told."""

from datetime import date

from gangmu.base.calendar import notice, shipped
from gangmu.base.calendar.model import missing_year

WORDS = """国务院办公厅关于2026年部分节假日安排的通知
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫等工作。"""


def test_a_whole_notice_is_read_and_equals_the_shipped_year():
    found = notice.read(WORDS, 2026)
    assert [one.name for one in found.off] == ["元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"]
    assert found.doubts == []
    shipped_year = {day: row.working for day, row in shipped("cn").days.items() if day.year == 2026}
    read = dict.fromkeys(found.work, True)
    for one in found.off:
        read |= {date.fromordinal(one.first.toordinal() + n): False for n in range(one.days)}
    assert read == shipped_year


def test_the_notice_of_another_year_is_noticed_by_its_weekdays():
    found = notice.read("一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。", 2027)
    assert {one.code for one in found.doubts} == {"weekday"}


def test_what_does_not_agree_is_told():
    assert [one.code for one in notice.read("1月1日至3日放假，共4天", 2027).doubts] == ["count"]
    assert [one.code for one in notice.read("1月1日至3日放假。1月3日上班", 2027).doubts] == ["both"]
    assert [one.code for one in notice.read("2月30日放假", 2027).doubts] == ["unread"]
    assert [one.code for one in notice.read("另有3月5日再定", 2027).doubts] == ["unread"]


def test_plain_lists_and_wide_digits_and_a_turn_of_the_year():
    plain = notice.read("2027-01-01..2027-01-03 放假\n2027-01-04 上班", 2027)
    assert (plain.off[0].first, plain.off[0].last) == (date(2027, 1, 1), date(2027, 1, 3))
    assert plain.work == [date(2027, 1, 4)]
    wide = notice.read("１月１日放假", 2027)
    assert wide.off[0].first == date(2027, 1, 1)
    turn = notice.read("元旦：2018年12月30日至2019年1月1日放假调休，共3天。", 2019)
    assert (turn.off[0].first, turn.off[0].last) == (date(2018, 12, 30), date(2019, 1, 1))


def test_nothing_is_read_out_of_nothing():
    found = notice.read("放假 上班 至 共3天 （周四）", 2027)
    assert (found.off, found.work, found.doubts) == ([], [], [])


def test_the_coming_year_is_missed_in_time():
    cn = shipped("cn")
    assert missing_year(cn, date(2026, 6, 1)) is None
    assert missing_year(cn, date(2026, 11, 1)) == 2027
    assert missing_year(shipped("plain"), date(2026, 11, 1)) is None
