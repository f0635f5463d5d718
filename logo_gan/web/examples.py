"""Prompts that the empty page shows, in each language."""

EXAMPLES = {
    "en": (
        "grey wolf on a navy shield",
        "craft brewery, hops and barley",
        "#ff8800 fox in a circle",
        "octopus, teal",
        "law firm Hartley & Moss, navy and gold",
        "JM monogram, rose gold",
    ),
    "ru": (
        "серый волк на тёмно-синем щите",
        "кофейня «Аврора», тёплый коричневый",
        "лиса цвета #ff8800 в круге",
        "бирюзовый осьминог",
        "юридическая фирма «Соколов и Мосс», тёмно-синий и золотой",
        "белая сова на зелёном шестиугольнике",
    ),
}
SEED = 1  # of the logos on the empty page
