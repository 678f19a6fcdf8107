"""Take the README's picture from the running demonstration: `./run demo --detach`, then run this file.

It signs in at the second landlord's, opens the first unit of this morning's queue, and keeps the top of its page.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PICTURE = Path(__file__).with_name("fiche-orientation.png")
LOGIN, PASSWORD = "attribution@corbieres-logis.example", "demonstration-2026"


def main() -> None:
    status = subprocess.run([ROOT / "run", "status", "--json"], check=True, capture_output=True, text=True)
    url = json.loads(status.stdout)["url"]
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_page(viewport={"width": 1280, "height": 1230}, locale="fr-FR")
        page.goto(f"{url}connexion/")
        page.get_by_label("Adresse électronique").fill(LOGIN)
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.get_by_role("button", name="Se connecter").click()
        page.get_by_role("link", name="Examiner").first.click()
        page.screenshot(path=PICTURE)
        chromium.close()


if __name__ == "__main__":
    main()
