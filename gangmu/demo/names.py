"""Names and phones of people who do not exist (虚构人名), from a seed. No two people of a city share a name."""

from random import Random

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆"
    "汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_FIRST = (
    "文志建国明晓海春秀玉桂丽美雅静淑慧思雨佳欣梓浩宇俊杰博瑞泽"
    "嘉天一子若云安清书景承德永正光庆福长少启立成家振兴东南向宏"
)
_LAST = (
    "强伟军勇磊斌鹏飞涛超辉刚平华林峰龙杰宁昊然轩航远凡川岳山江河芳娟敏燕萍红玲霞兰梅洁莹琳婷雪薇蓉颖岚怡悦彤菲妍晴舒"
)
_NOBODYS = "12"  # no mobile number of the country starts so: nobody can be called by mistake


class Names:
    """Gives out names and phones, each once."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._chance = Random(f"names {seed}")
        self._given: set[str] = set()

    def of(self, key: str) -> tuple[str, str]:
        """Name and phone of who is called so in the data: the same whoever else joins the city."""
        others, self._chance = self._chance, Random(f"names {self._seed} {key}")
        try:
            return self.name(), self.phone()
        finally:
            self._chance = others

    def name(self) -> str:
        """Surname and one or two more characters."""
        while True:
            middle = self._chance.choice(_FIRST) if self._chance.random() < 0.78 else ""
            name = self._chance.choice(_SURNAMES) + middle + self._chance.choice(_LAST)
            if name not in self._given and len(set(name)) == len(name):
                self._given.add(name)
                return name

    def phone(self) -> str:
        """Eleven digits that are no subscriber's."""
        while True:
            phone = f"{_NOBODYS}{self._chance.randrange(10**9):09d}"
            if phone not in self._given:
                self._given.add(phone)
                return phone
