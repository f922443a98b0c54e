"""Nutrition labels that are drawn here: layouts of the EU and the US, four languages, known figures."""

import random
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

FOLDERS = (Path("/usr/share/fonts/truetype/dejavu"), Path("/usr/share/fonts/truetype/liberation"))
FONTS = (
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    ("DejaVuSansCondensed.ttf", "DejaVuSansCondensed-Bold.ttf"),
    ("LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf"),
)

# Words of the nutrition declaration as Regulation (EU) 1169/2011, annex XV, has them in English and
# Swedish, and as Serbian rules on the labelling of food have them.
WORDS = {
    "en": {
        "title": "Nutrition declaration", "per": "per 100 {u}", "serving": "per portion ({s} {u})",
        "energy_kcal": "Energy", "fat_g": "Fat", "sat_fat_g": "of which saturates",
        "carb_g": "Carbohydrate", "sugars_g": "of which sugars", "fiber_g": "Fibre",
        "protein_g": "Protein", "salt_g": "Salt",
    },
    "sv": {
        "title": "Näringsdeklaration", "per": "per 100 {u}", "serving": "per portion ({s} {u})",
        "energy_kcal": "Energi", "fat_g": "Fett", "sat_fat_g": "varav mättat fett",
        "carb_g": "Kolhydrat", "sugars_g": "varav sockerarter", "fiber_g": "Fiber",
        "protein_g": "Protein", "salt_g": "Salt",
    },
    "sr_Latn": {
        "title": "Nutritivna deklaracija", "per": "na 100 {u}", "serving": "po porciji ({s} {u})",
        "energy_kcal": "Energetska vrednost", "fat_g": "Masti", "sat_fat_g": "od kojih zasićene",
        "carb_g": "Ugljeni hidrati", "sugars_g": "od kojih šećeri", "fiber_g": "Vlakna",
        "protein_g": "Proteini", "salt_g": "So",
    },
    "sr_Cyrl": {
        "title": "Нутритивна декларација", "per": "на 100 {u}", "serving": "по порцији ({s} {u})",
        "energy_kcal": "Енергетска вредност", "fat_g": "Масти", "sat_fat_g": "од којих засићене",
        "carb_g": "Угљени хидрати", "sugars_g": "од којих шећери", "fiber_g": "Влакна",
        "protein_g": "Протеини", "salt_g": "Со",
    },
}  # fmt: skip
LANGUAGES = tuple(WORDS)
_EU_CODES = (
    "fat_g", "sat_fat_g", "carb_g", "sugars_g", "fiber_g", "protein_g", "salt_g",
)  # fmt: skip
LAYOUTS = ("eu_one", "eu_two", "eu_rows", "eu_line", "us")
# Daily values of 21 CFR 101.9(c) by which the US panel states its percentages.
DAILY_VALUES = {
    "fat_g": 78, "sat_fat_g": 20, "cholesterol_mg": 300, "sodium_mg": 2300, "carb_g": 275,
    "fiber_g": 28, "added_sugars_g": 50, "vit_d_ug": 20, "calcium_mg": 1300, "iron_mg": 18,
    "potassium_mg": 4700,
}  # fmt: skip


class Label(NamedTuple):
    """A drawn label: its picture, and what it says in print, by code, per 100 and per serving."""

    picture: Image.Image
    per_100: dict[str, float]
    per_serving: dict[str, float]
    serving: float | None
    unit: str


def label(layout: str, language: str, seed: int, width: int = 620) -> Label:
    """A label of made-up figures that agree with each other as the law wants them to."""
    dice = random.Random(f"{layout} {language} {seed}")
    if layout == "us":
        return _us(dice, width)
    return _eu(layout, language, dice, width)


def _font(dice: random.Random) -> tuple[str, str]:
    found = [
        (str(folder / plain), str(folder / bold))
        for folder in FOLDERS
        for plain, bold in FONTS
        if (folder / plain).exists() and (folder / bold).exists()
    ]
    if not found:
        raise SystemExit("No fonts to draw with: install fonts-dejavu-core or fonts-liberation.")
    return dice.choice(found)


def _composition(dice: random.Random) -> dict[str, float]:
    """Amounts per 100 g of a food that can be: a drink, a lean food, a dry one or a fatty one."""
    fat, carb, protein, fibre = dice.choice(
        ((0.3, 11, 0.4, 0.2), (3, 5, 9, 0.4), (6, 62, 11, 8), (30, 50, 7, 3), (22, 2, 20, 0.3), (12, 45, 8, 4))
    )  # fmt: skip
    spread = lambda amount: amount * dice.uniform(0.5, 1.4)  # noqa: E731
    amounts = {"fat_g": spread(fat), "carb_g": spread(carb), "protein_g": spread(protein)}
    amounts |= {
        "fiber_g": spread(fibre),
        "salt_g": dice.choice((0.02, 0.3, 0.9, 1.6)) * dice.uniform(0.6, 1.4),
    }
    amounts["sat_fat_g"] = amounts["fat_g"] * dice.uniform(0.1, 0.7)
    amounts["sugars_g"] = amounts["carb_g"] * dice.uniform(0.05, 0.95)
    return amounts


def _printed(code: str, amount: float) -> tuple[str, float]:
    """The figure as the guidance on rounding (European Commission, 2012) prints it; "<0.5" too."""
    if code == "salt_g":
        if amount <= 0.0125:
            return "0", 0.0
        places = 2 if amount < 1 else 1
    elif code == "sat_fat_g":
        if amount <= 0.1:
            return "<0.1", 0.1
        places = 1 if amount < 10 else 0
    else:
        if amount <= 0.5:
            return "<0.5", 0.5
        places = 1 if amount < 10 else 0
    text = f"{amount:.{places}f}"
    return text, float(text)


def _energy(amounts: dict[str, float]) -> tuple[int, int]:
    """kJ and kcal by annex XIV of Regulation (EU) 1169/2011."""
    parts = [amounts[code] for code in ("carb_g", "protein_g", "fat_g", "fiber_g")]
    kj = sum(a * b for a, b in zip(parts, (17, 17, 37, 8), strict=True))
    kcal = sum(a * b for a, b in zip(parts, (4, 4, 9, 2), strict=True))
    return round(kj), round(kcal)


def _eu(layout: str, language: str, dice: random.Random, width: int) -> Label:
    words, amounts = WORDS[language], _composition(dice)
    unit = "ml" if amounts["fat_g"] + amounts["protein_g"] < 2 else "g"
    serving = float(dice.choice((25, 30, 45, 60, 125, 150))) if layout == "eu_two" else None
    columns = [amounts]
    if serving:
        columns.append({code: amount * serving / 100 for code, amount in amounts.items()})
    fibre = dice.random() < 0.8
    # Without the row the energy still counts the fibre, as on real packets: keep it small then.
    if not fibre:
        for column in columns:
            column["fiber_g"] = 0.0
    gap = "" if dice.random() < 0.3 else " "
    texts, known = _energy_rows(layout, words["energy_kcal"], columns, gap)
    for code in _EU_CODES if fibre else [code for code in _EU_CODES if code != "fiber_g"]:
        printed = [_printed(code, column[code]) for column in columns]
        texts.append((words[code], [_figure(text, language, gap) for text, _ in printed]))
        for truth, (_, number) in zip(known, printed, strict=True):
            salt = code == "salt_g"
            truth["sodium_mg" if salt else code] = round(number * (400 if salt else 1), 3)
    heads = [words["per"].format(u=unit)]
    if serving:
        heads.append(words["serving"].format(s=f"{serving:g}", u=unit))
    draw = _running if layout == "eu_line" else _table
    picture = draw(dice, width, words["title"], heads, texts)
    return Label(picture, known[0], known[1] if serving else {}, serving, unit)


def _energy_rows(
    layout: str, name: str, columns: list[dict[str, float]], gap: str
) -> tuple[list[tuple[str, list[str]]], list[dict[str, float]]]:
    """The rows for energy, in one or two, and what they say by column."""
    energies = [_energy(column) for column in columns]
    known = [{"energy_kcal": float(kcal)} for _, kcal in energies]
    kj, kcal = [f"{e[0]}{gap}kJ" for e in energies], [f"{e[1]}{gap}kcal" for e in energies]
    if layout == "eu_rows":
        return [(name, kj), ("", kcal)], known
    return [(name, [f"{a}{gap}/{gap}{b}" for a, b in zip(kj, kcal, strict=True)])], known


def _figure(text: str, language: str, gap: str) -> str:
    return (text if language == "en" else text.replace(".", ",")) + f"{gap}g"


def _table(
    dice: random.Random, width: int, title: str, heads: list[str], rows: list[tuple[str, list[str]]]
) -> Image.Image:
    plain, bold = _font(dice)
    size = round(width / (27 if len(heads) == 1 else 30))
    # Small enough that no two columns touch, as on real packets.
    while _wide(bold, size, heads, rows) > width - 2 * size and size > 8:
        size -= 1
    font, heavy = ImageFont.truetype(plain, size), ImageFont.truetype(bold, size)
    step, left = round(size * 1.75), round(size * 0.8)
    picture = Image.new("RGB", (width, step * (len(rows) + 2) + size), "white")
    pen = ImageDraw.Draw(picture)
    ruled, framed = dice.random() < 0.6, dice.random() < 0.5
    last = max(heavy.getlength(figures[-1]) for _, figures in [("", heads), *rows])
    stops = [round(width - left - last - 1.2 * size), width - left][-len(heads) :]
    pen.text((left, size * 0.5), title, "black", heavy)
    for row, (name, figures) in enumerate([("", heads), *rows], 1):
        y = size * 0.5 + row * step
        if ruled:
            pen.line(
                (left / 2, y - size * 0.3, width - left / 2, y - size * 0.3),
                "black",
                1 + width // 700,
            )
        pen.text((left, y), name, "black", font)
        for stop, figure in zip(stops, figures, strict=True):
            pen.text((stop, y), figure, "black", heavy if row == 1 else font, anchor="ra")
    if framed:
        pen.rectangle((2, 2, width - 3, picture.height - 3), outline="black", width=2)
    return picture


def _wide(path: str, size: int, heads: list[str], rows: list[tuple[str, list[str]]]) -> float:
    """Pixels across that the columns need beside each other, with a gap between them."""
    font = ImageFont.truetype(path, size)
    names = max(font.getlength(name) for name, _ in rows)
    columns = zip(*(figures for _, figures in [("", heads), *rows]), strict=True)
    return names + sum(max(map(font.getlength, column)) + 1.2 * size for column in columns)


def _running(
    dice: random.Random, width: int, title: str, heads: list[str], rows: list[tuple[str, list[str]]]
) -> Image.Image:
    """The linear form that annex XV allows where space does not do for a table."""
    plain, _ = _font(dice)
    size = round(width / 27)
    font = ImageFont.truetype(plain, size)
    parts = [f"{name} {' '.join(figures)}".strip() for name, figures in rows]
    words = f"{title} {heads[0]}: {', '.join(parts)}.".split(" ")
    lines, line = [], ""
    for word in words:
        longer = f"{line} {word}".strip()
        if font.getlength(longer) > width - 2 * size:
            lines.append(line)
            longer = word
        line = longer
    lines.append(line)
    picture = Image.new("RGB", (width, round(size * 1.7 * (len(lines) + 1))), "white")
    pen = ImageDraw.Draw(picture)
    for number, text in enumerate(lines):
        pen.text((size, size * 0.8 + number * size * 1.6), text, "black", font)
    return picture


def _rounded_calories(kcal: float) -> int:
    """21 CFR 101.9(c)(1): to 5 up to 50, above to 10; under 5 is 0."""
    if kcal < 5:
        return 0
    return round(kcal / 5) * 5 if kcal <= 50 else round(kcal / 10) * 10


def _us(dice: random.Random, width: int) -> Label:
    serving = float(dice.choice((28, 30, 55, 85, 140, 227)))
    per = {code: amount * serving / 100 for code, amount in _composition(dice).items()}
    known = _us_figures(dice, per)
    exact = 4 * (known["protein_g"] + known["carb_g"] - known["fiber_g"])
    exact += 2 * known["fiber_g"] + 9 * known["fat_g"]
    known["energy_kcal"] = float(_rounded_calories(exact))
    picture = _Panel(dice, width, known).drawn(serving)
    return Label(picture, {}, known, serving, "g")


def _us_figures(dice: random.Random, per: dict[str, float]) -> dict[str, float]:
    """What the panel states of a serving, rounded by 21 CFR 101.9(c); all but the calories."""
    sodium, fat = per["salt_g"] * 400, per["sat_fat_g"]
    whole = ("fat_g", "carb_g", "fiber_g", "sugars_g", "protein_g")
    known = {code: float(round(per[code])) for code in whole}
    known["sat_fat_g"] = min(round(fat * 2) / 2 if fat < 5 else round(fat), known["fat_g"])
    known["carb_g"] = max(known["carb_g"], known["sugars_g"] + known["fiber_g"])
    known["trans_fat_g"], known["cholesterol_mg"] = 0.0, float(dice.choice((0, 0, 10, 30)))
    known["sodium_mg"] = float(round(sodium / 10) * 10 if sodium > 140 else round(sodium / 5) * 5)
    known["added_sugars_g"] = float(round(known["sugars_g"] * dice.choice((0, 0.5, 0.8))))
    known["vit_d_ug"] = float(dice.choice((0, 2)))
    known["calcium_mg"] = float(dice.choice((20, 60, 260)))
    known["iron_mg"] = float(dice.choice((0, 1, 8)))
    known["potassium_mg"] = float(dice.choice((90, 235)))
    return known


_US_ROWS = (
    ("Total Fat", "fat_g", 0), ("Saturated Fat", "sat_fat_g", 1), ("Trans Fat", "trans_fat_g", 1),
    ("Cholesterol", "cholesterol_mg", 0), ("Sodium", "sodium_mg", 0),
    ("Total Carbohydrate", "carb_g", 0), ("Dietary Fiber", "fiber_g", 1),
    ("Total Sugars", "sugars_g", 1),
)  # fmt: skip
_US_MINERALS = (
    ("Vitamin D", "vit_d_ug", "mcg"), ("Calcium", "calcium_mg", "mg"), ("Iron", "iron_mg", "mg"),
    ("Potassium", "potassium_mg", "mg"),
)  # fmt: skip


class _Panel:
    """The Nutrition Facts panel of the United States, line by line from the top."""

    def __init__(self, dice: random.Random, width: int, known: dict[str, float]) -> None:
        plain, bold = _font(dice)
        self.dice, self.known, self.size = dice, known, width / 24
        sizes = (("plain", plain, 1), ("bold", bold, 1), ("title", bold, 2.2), ("calories", bold, 1.7))  # fmt: skip
        self.fonts = {
            key: ImageFont.truetype(path, round(self.size * scale)) for key, path, scale in sizes
        }
        self.picture = Image.new("RGB", (width, round(self.size * 34)), "white")
        self.pen = ImageDraw.Draw(self.picture)
        self.left, self.right, self.y = self.size * 0.7, width - self.size * 0.7, self.size * 0.6

    def line(
        self, parts: list[tuple[str, str]], end: str = "", inset: float = 0.0, tall: float = 1.45
    ) -> None:
        """One line of print with a rule under it; `end` stands at the right."""
        x = self.left + inset * self.size
        for style, text in parts:
            self.pen.text((x, self.y), text, "black", self.fonts[style])
            x += self.fonts[style].getlength(text + " ")
        if end:
            font = self.fonts["calories" if parts[0][0] == "calories" else "bold"]
            self.pen.text((self.right, self.y), end, "black", font, anchor="ra")
        self.y += self.size * tall
        rule = (self.left, self.y - self.size * 0.2, self.right, self.y - self.size * 0.2)
        self.pen.line(rule, "black", 1 + self.picture.width // 700)

    def share(self, code: str) -> str:
        """The percentage of the daily value."""
        return f"{round(self.known[code] / DAILY_VALUES[code] * 100)}%"

    def drawn(self, serving: float) -> Image.Image:
        """The whole panel."""
        known, dice = self.known, self.dice
        self.line([("title", "Nutrition Facts")], tall=2.9)
        self.line([("plain", f"{dice.choice((2, 8, 10))} servings per container")])
        size = dice.choice(("2/3 cup", "1 piece", "3 Tbsp"))
        self.line([("bold", "Serving size")], f"{size} ({serving:g}g)")
        self.line([("bold", "Amount per serving")])
        self.line([("calories", "Calories")], f"{known['energy_kcal']:g}", tall=2.4)
        self.line([("bold", "")], "% Daily Value*")
        for name, code, inset in _US_ROWS:
            printed = f"{known[code]:g}{code.rsplit('_', 1)[1]}"
            end = self.share(code) if code in DAILY_VALUES else ""
            self.line([("plain" if inset else "bold", name), ("plain", printed)], end, inset)
        added = f"Includes {known['added_sugars_g']:g}g Added Sugars"
        self.line([("plain", added)], self.share("added_sugars_g"), 2)
        self.line([("bold", "Protein"), ("plain", f"{known['protein_g']:g}g")], tall=1.8)
        for name, code, unit in _US_MINERALS:
            self.line([("plain", f"{name} {known[code]:g}{unit}")], self.share(code))
        edge = (2, 2, self.picture.width - 3, self.y)
        self.pen.rectangle(edge, outline="black", width=3)
        return self.picture.crop((0, 0, self.picture.width, round(self.y + self.size)))
