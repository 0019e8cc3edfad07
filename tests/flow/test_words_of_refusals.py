"""Refusals say what was refused by its title; settings say what they are for in the asker's language."""

import importlib
import re

from gangmu.kit import settings
from gangmu.kit.text import words
from tests.city import PASSWORD, Browser
from tests.house.tree import house

CHINESE = {"accept-language": "zh-CN"}


def test_refusals_name_the_permission_the_rule_and_the_roles(city):
    answer = city.sign_in("patrol").get("/api/disputes", headers=CHINESE).json()
    assert answer["params"]["action"] == "dispute.read" and answer["title"] == "您的岗位不能办理：查看派单争议"
    clerk = Browser(city.app, "zh-CN").sign_in("clerk")
    for new, rule in (("short", "太短"), ("onlysmallletters", "字符种类不够"), ("Clerk-is-my-1", "含有用户名")):
        told = clerk.put("/api/session/password", json={"old": PASSWORD, "new": new}).json()
        assert rule in told["title"] and told["params"]["rule"] not in told["title"]
    clerk.headers["x-csrf-token"] = "x"
    assert "csrf" not in clerk.delete("/api/session").json()["title"]
    post = city.posts["clerk"]
    way, body = f"/api/posts/{post}/roles", {"roles": ["clerk", "audit_admin"]}
    told = city.sign_in("security_admin").put(way, json=body, headers=CHINESE).json()
    assert "受理员" in told["title"] and "audit_admin" not in told["title"]


def test_every_setting_says_what_it_is_for_in_both_languages(city):
    for module in house():
        if re.search(r"\(Section, name=", module.text) and module.path != "gangmu/kit/settings.py":
            importlib.import_module(module.name)
    chinese = words("zh-CN")
    assert sorted(one["name"] for one in settings.described() if f"setting.{one['name']}" not in chinese) == []
    told = city.sign_in("system_admin").get("/api/settings", headers=CHINESE).json()["items"]
    assert all(re.search("[\u4e00-\u9fff]", one["about"]) for one in told)
