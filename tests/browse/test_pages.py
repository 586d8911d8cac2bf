"""The pages in a real Chromium: scripts run, both colour schemes, a narrow screen, the keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("selenium")

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from tests.browse.chromium import NEEDS_CHROMIUM, show, wait

pytestmark = NEEDS_CHROMIUM
PATHS = ("", "records", "records?q=月", "record?id=alt:ja-en:SNT.10001.1", "rejected", "rejected?config=jsquad")


@pytest.mark.parametrize("width", [1200, 390])
@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_wider_than_the_screen_and_the_console_is_silent(browser, site, path, width):
    show(browser, width)
    browser.get_log("browser")  # what pages of other tests said
    browser.get(site.address + path)
    wait(browser)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert browser.get_log("browser") == []


def test_a_count_comes_after_the_page(browser, site):
    show(browser)
    browser.get(site.address + "records?q=日本語")
    wait(browser)
    heading = browser.find_element(By.CSS_SELECTOR, ".summary h1").text
    assert heading.endswith(" records") and heading[0].isdigit()
    assert browser.find_elements(By.CSS_SELECTOR, ".summary details a")


def test_a_raw_row_comes_after_the_page(browser, site):
    show(browser)
    browser.get(site.address + "record?id=alt:ja-en:SNT.10001.1")
    wait(browser)
    cells = browser.find_elements(By.CSS_SELECTOR, "[data-load] dd")
    assert "SNT.10001.1" in [cell.text for cell in cells]


def test_japanese_typed_into_the_search_box_finds_records(browser, site):
    show(browser)
    browser.get(site.address)
    box = browser.find_element(By.CSS_SELECTOR, "header input[type=search]")
    box.send_keys("月", Keys.ENTER)
    WebDriverWait(browser, 60).until(lambda browser: "/records?q=" in browser.current_url)
    assert {mark.text for mark in browser.find_elements(By.TAG_NAME, "mark")} == {"月"}


def test_a_bar_is_reached_and_opened_with_the_keyboard(browser, site):
    show(browser)
    browser.get(site.address)
    browser.find_element(By.CSS_SELECTOR, "header button").send_keys(Keys.TAB)
    focused = browser.switch_to.active_element
    assert focused.get_attribute("aria-label").endswith(" records")
    focused.send_keys(Keys.ENTER)
    WebDriverWait(browser, 60).until(lambda browser: "/records?license=" in browser.current_url)


def test_filters_are_folded_on_a_narrow_screen(browser, site):
    for width, is_open in ((390, False), (1200, True)):
        show(browser, width)
        browser.get(site.address + "records")
        assert browser.execute_script("return document.querySelector('details.filters').open") is is_open


@pytest.mark.parametrize("selector", ["body", ".record .text", ".record .label", ".tags a", "h2 a", ".summary a"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out_from_their_ground(browser, site, scheme, selector):
    """The contrast that WCAG 2.2 asks for normal text (AA): 4.5 to 1."""
    show(browser, scheme=scheme)
    browser.get(site.address + "records")
    script = Path(__file__).with_name("contrast.js").read_text()
    assert browser.execute_script(f"{script}; return contrast(arguments[0])", selector) >= 4.5
    ground = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert ("rgb(2" in ground) is (scheme == "light")


def test_markup_in_a_dataset_is_text(browser, curated):
    show(browser)
    browser.get(curated.address + "records?config=translation-jesc&edition=dropped")
    browser.find_element(By.CSS_SELECTOR, "article h2 a").click()
    WebDriverWait(browser, 60).until(lambda browser: "/record?id=" in browser.current_url)
    assert browser.find_element(By.TAG_NAME, "del").text == "<b>前</b>"
