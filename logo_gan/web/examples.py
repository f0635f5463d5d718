"""Prompts that the empty page shows, in each language."""

EXAMPLES = {
    "en": (
        "wolf howling at the moon, grey on a navy shield",
        "craft brewery, hops and barley",
        "#ff8800 fox in a circle",
        "octopus, teal",
        "law firm Hartley & Moss, navy and gold",
        "JM monogram, rose gold",
    ),
    "ru": (
        "волк воет на луну, серый на тёмно-синем щите",
        "пивоварня, хмель и ячмень",
        "лиса цвета #ff8800 в круге",
        "бирюзовый осьминог",
        "юридическая фирма «Соколов и Мосс», тёмно-синий и золотой",
        "монограмма АМ, розовое золото",
    ),
}
SEED = 1  # of the logos on the empty page
