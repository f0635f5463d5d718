"""Which drawings of which icon sets become marks, and what they are called.

A set's own naming says which of its icons are solid. Left out are brand sets, licences that restrict use (SA, NC, GPL,
MPL), sets whose drawings are of unclear origin, and interface icons: an arrow or a file with a badge is no logo.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LICENCES = {"MIT", "Apache-2.0", "CC0-1.0", "CC-BY-3.0", "CC-BY-4.0", "OFL-1.1", "ISC"}


@dataclass(frozen=True)
class IconSet:
    """A set of solid drawings.

    Attributes:
        name: prefix of the set in @iconify/json.
        ending: of the names that are taken; it is cut off. "" for all.
        without: names with this expression are left out.
        rank: how well its drawings serve as marks, 1 best: they are shown in this order.
    """

    name: str
    ending: str = ""
    without: str = ""
    rank: int = 2


SETS = (
    IconSet("fa7-solid", rank=1),
    IconSet("ph", "-fill", rank=1),
    IconSet("mingcute", "-fill", rank=1),
    IconSet("fluent-emoji-high-contrast", rank=1),
    IconSet("game-icons", rank=1),
    IconSet("mdi", without="-outline|-off$|-variant-off", rank=1),
    IconSet("ri", "-fill", rank=1),
    IconSet("solar", "-bold", rank=1),
    IconSet("tabler", "-filled", rank=1),
    IconSet("boxicons", "-filled", rank=1),
    IconSet("fluent", "-24-filled", rank=1),
    IconSet("emojione-monotone"),
    IconSet("pinhead"),
    IconSet("healthicons", without="outline|-24px|-negative"),
    IconSet("maki", without=r"-\d+$"),
    IconSet("temaki"),
    IconSet("material-symbols", "-rounded", without="outline"),
    IconSet("icon-park-solid"),
    IconSet("streamline-ultimate", "-bold"),
    IconSet("streamline", "-solid", without="sharp"),
    IconSet("streamline-plump", "-solid"),
    IconSet("streamline-flex", "-solid"),
    IconSet("streamline-sharp", "-solid"),
    IconSet("majesticons", without="-line$"),
    IconSet("basil", "-solid"),
    IconSet("roentgen", rank=3),
    IconSet("whh", rank=3),
    IconSet("picon", rank=3),
    IconSet("fontisto", rank=3),
    IconSet("teenyicons", "-solid", rank=3),
    IconSet("vaadin", without="-o$", rank=3),
    IconSet("gis", rank=3),
    IconSet("el", rank=3),
    IconSet("iconamoon", "-fill", rank=3),
    IconSet("clarity", "-solid", rank=3),
    IconSet("zondicons", rank=3),
    IconSet("jam", "-f", rank=3),
    IconSet("foundation", rank=3),
    IconSet("raphael", rank=3),
    IconSet("eva", "-fill", rank=3),
    IconSet("wi", rank=3),
    IconSet("uis", rank=3),
    IconSet("map", rank=3),
    IconSet("carbon", "-filled", rank=3),
    IconSet("medical-icon", rank=3),
    IconSet("heroicons", "-solid", rank=3),
    IconSet("f7", "-fill", rank=3),
    IconSet("mynaui", "-solid"),
    IconSet("griddy-icons", "-filled"),
    IconSet("tdesign", "-filled"),
    IconSet("iconoir", "-solid"),
    IconSet("stash", "-solid", rank=3),
    IconSet("lsicon", "-filled", rank=3),
    IconSet("bxs", rank=3),
    IconSet("fa-solid", rank=3),
    IconSet("fa6-solid", rank=3),
    IconSet("osmic", without=r"-14$", rank=3),
    IconSet("ls", rank=3),
    IconSet("subway", rank=3),
    IconSet("zmdi", rank=3),
    IconSet("oi", rank=3),
    IconSet("covid", rank=3),
    IconSet("guidance", rank=3),
    IconSet("pepicons-pop", without="circle|print|off", rank=3),
    IconSet("streamline-block", rank=3),
    IconSet("glyphs", "-bold"),
)
# Mostly interface icons: what these draw is taken only where another set draws it, too.
MIXED = {"material-symbols", "whh", "tdesign", "ls", "zmdi", "carbon", "vaadin", "lsicon", "picon"}
# Drawn with lines, for briefs that ask for line art.
LINES = (
    IconSet("ph", without="-(bold|duotone|fill|light|thin)$", rank=1),
    IconSet("mingcute", "-line", rank=1),
    IconSet("ri", "-line", rank=2),
)
# Nothing of these is in the memory: measured on what no part has seen.
HELD_OUT = (
    IconSet("bi", "-fill"),
    IconSet("ion", without="outline|sharp|logo|ios-|md-"),
    IconSet("mage", "-fill"),
)

# A name with one of these words is a thing of user interfaces, of maps, or writing.
_INTERFACE = set(
    """
    lambda beta gamma epsilon omega theta barchart mediawiki ellipses spacebar classify annotation directory
    arrow arrows chevron chevrons caret cursor cursors align alignment aligned text textbox font fonts format
    formatting file files folder folders document documents doc docs page pages menu menus list lists filter filters
    sort sorting toggle checkbox radiobox radiobutton button buttons tab tabs sidebar sidebars panel panels app apps
    application applications code codes coding git merge branch commit pull api http https www html css js php xml
    json csv pdf png jpg gif svg mp3 mp4 zip sql wifi bluetooth battery batteries volume mute muted play pause stop
    skip forward backward rewind repeat shuffle zoom expand collapse minimize minimise maximize maximise fullscreen
    resize resizer drag undo redo refresh sync synchronize reload download downloads downloading upload uploads
    uploading import export login logout signin signout settings setting preferences config configuration user users
    account accounts plus minus add adding remove check checked checkmark close cancel cancelled xmark cross-mark
    alert off slash slashed disabled edit edited edits delete deleted erase eraser-variant share shared sharing link
    unlink links unlinked attach attachment copy paste cut duplicate indent outdent quote quotes paragraph heading
    headings header footer bold italic underline strikethrough subscript superscript superscripts word words
    letter-case spellcheck translate translation keyboard input output entry select selection selected deselect
    group-object ungroup crop ratio aspect border borders margin padding spacing layout layouts layer layers grid
    grids column columns row rows cell cells view views module modules widget widgets dashboard window windows
    browser desktop screen screens display monitor-variant tablet cellphone sim nfc qrcode barcode-scan scan scanner
    signal cast casting airplay hdmi usb ethernet lan network-variant router server servers database databases
    backup restore cloud-variant export-variant dots dot more vertical horizontal ellipsis kebab hamburger-menu
    loader loading spinner progress hourglass-variant pin-off placeholder unknown null void na help info information
    question exclamation warning error errors danger-variant notification notifications reminder inbox outbox reply
    send sent draft drafts spam unread read mailbox-variant comment comments message messages chat chats
    conversation bubble bubbles sms mms mail-variant call calls calling phonelink voicemail microphone-variant hd sd
    4k 8k 3d 2d 5g 4g 3g lte vpn rss atom-variant feed hashtag at-sign asterisk percent equal equals divide multiply
    greater lesser less than not function functions variable formula sigma pi sum infinity-variant roman numeric
    number numbers alpha alphabet omega-variant symbol symbols sign-text currency dollar euro pound yen rupee
    bitcoin ruble lira peso won baht dong naira cent usd eur gbp jpy inr flag-variant direction directions turn
    u-turn merge-left left right up down top bottom upper lower corner corners center centre middle start end front
    back rotate rotation rotated flip reflect mirror transform move moving swap switch exchange transfer convert
    transition animation pointer pointing tap touch swipe gesture click press hold hand-back scroll step steps
    stepper slider sliders tune adjust adjustments contrast brightness exposure opacity gradient fill stroke vector
    bezier polyline line lines stroke-width pen-tool eyedropper colorize invert timeline chart charts graph graphs
    diagram analytics statistics stats data table-cells calendar calendars event events date today week month
    schedule-variant clock-variant time-slot blood-type japanese keycap skin tone skintone dark-skin light-skin
    regional indicator zodiac-sign squared ideograph cjk hangul latin arabic cyrillic greek hebrew thai devanagari
    abjad abugida syllabary onepassword google microsoft apple-keyboard facebook twitter instagram youtube github
    gitlab android linux chrome firefox safari amazon spotify whatsapp telegram tiktok linkedin pinterest reddit
    discord slack paypal visa mastercard stripe wordpress docker npm react vue angular java python php-variant aws
    azure openai dropbox tencent alipay wechat weibo qq bilibili baidu alibaba logo brand social medium yahoo skype
    vimeo flickr dribbble behance tumblr evernote foursquare lastfm soundcloud stackoverflow trello twitch xbox
    playstation nintendo steam ubuntu debian fedora openstack joomla drupal magento deviantart digg ebay etsy
    wikipedia imdb netflix airbnb uber tesla toyota bmw renault captions subtitles subtitle closed-caption hdr raw
    iso aperture-variant shutter timer-off autofocus flash-auto tsunami-warning crosswalk bollard kerb turnstile
    barrier manhole hydrant-variant shelter-variant bench-backless kiss unisex gender male female older neuter
    transgender aries taurus cancer libra scorpio sagittarius capricorn aquarius pisces gemini virgo wc restroom
    toilet lavatory urinal condom sex penis vagina breasts rectum anus feces excreta sperm uterus cervix swastika
    hitler nazi gun-stock cigarette middle-finger poo pile-of-poo id badge badges card-text test tests testing
    bug-variant debug terminal console command shell script letter letters search save history image images video
    videos archive eject unlock unlocked group groups power at time hierarchy speed sitemap variables finder
    scriptalt pastealt whiteboard clipboard typescript javascript perplexity shekel poi poop suicide terror
    combatant noose apk regex trademark keynote exclude trapezoid polygon rightmost leftmost topmost endash emdash
    hyphen decimal comma colon semicolon degree degrees fahrenheit celsius convergence divergence relation relations
    default choice choices caption closed-captioning wired wireless network networks checklist highlight
    highlighter-variant ff rw eof psleft psright gpp placedelete maybe threshold delta percentage ascending
    descending prohibit prohibited forbidden disallowed unavailable pending queue breakpoint oblique dashed dotted
    points shape shapes object objects area mode state status level quality process task tasks
    """.split()
)
_PEOPLE = {
    "man",
    "woman",
    "boy",
    "girl",
    "men",
    "women",
    "person",
    "people",
    "persons",
    "adult",
    "child",
    "couple",
    "family",
}
_FLAT = {"circle", "square", "rectangle", "rounded", "ring", "line", "oval", "box"}
# Words that say how a drawing is made or shown, and nothing of what it shows.
_STYLE = set(
    """
    alt solid fill filled bold outline outlined outlines variant icon sign symbol duotone twotone two-tone simple
    round rounded circle circled square squared rectangle rectangular ring line mini small large big medium full
    half empty black white light dark regular color colored colour set new old type style emoji face-variant emblem
    minimalistic minimal advanced b f o s streamline the a an of with without fa glyph material one two three four
    five six
    """.split()
)
# What is drawn, and by which names, though these have a word of user interfaces; "set/name" where others mean it so.
_DRAWN = {
    "ring": "ring", "gymnastic rings": "rings",
    "window": "fluent-emoji-high-contrast/window game-icons/window game-icons/window-bars window-closed window-open "
              "window-closed-variant window-open-variant window-shutter-open solar/window-frame",
    "box": "box shipping-box parachute-box",
    "calendar": "calendar",
    "keyboard": "keyboard",
    "piano keyboard": "musical-keyboard",
    "battery": "battery battery-full",
    "scroll": "scroll scroll-unfurled tied-scroll scroll-old diploma-scroll",
    "person": "person user", "people": "people people-group users user-group", "woman": "woman", "man": "man",
    "child": "child", "family": "family",
    "computer": "desktop desktop-computer computer-desktop desktop-alt computer-pc-desktop desktop-classic",
    "database": "database", "tablet": "tablet", "terminal": "terminal", "code": "code code-bracket",
    "cursor": "cursor arrow-pointer cursor-arrow",
    "shell": "spiral-shell shell opening-shell nautilus-shell swirled-shell twin-shell", "turtle shell": "turtle-shell",
    "speech bubble": "speech-bubble chat-bubble left-speech-bubble comment message chat",
    "thought bubble": "thought-bubble", "bubble": "bubble soap-bubble", "bubble tea": "bubble-tea",
    "cross": "latin-cross greek-cross budded-latin-cross", "plus": "plus",
    "badge": "badge", "police badge": "police-badge",
    "arrow": "arrow-up arrow-right arrow-up-right arrow-up-long arrow-right-long arrow-fat-up arrow-up-bold",
    "pie chart": "chart-pie pie-chart", "bar chart": "chart-bar bar-chart chart-column chart-simple",
    "line chart": "chart-line line-chart arrow-trend-up trending-up",
    "check mark": "check checkmark", "question mark": "question question-mark",
    "exclamation mark": "exclamation exclamation-mark", "percent": "percent", "asterisk": "asterisk",
    "quotation marks": "quote-left quote-right quote",
    "chain link": "link link-chain", "wifi": "wifi", "power button": "power power-button",
    "play button": "play play-button circle-play", "picture": "image", "video camera": "video video-camera",
    "bitcoin": "bitcoin", "dollar sign": "dollar-sign dollar", "euro sign": "euro-sign euro", "coin": "dollar-coin",
    "layers": "layers", "clipboard": "clipboard", "folder": "folder folder-open", "shapes": "shapes",
    "shooting star": "shooting-star", "thumbs up": "thumbs-up thumb-up", "love letter": "love-letter",
    "hand holding heart": "hand-holding-heart", "hand heart": "hand-heart", "home heart": "home-heart",
    "pointing hand": "hand-point-up index-pointing-up hand-pointer", "shield check": "shield-check",
    "shield star": "shield-star", "aztec sun": "aztec-calendar-sun", "book heart": "book-heart",
    "solar power": "solar-power", "wind power": "wind-power", "plug": "power-plug", "step ladder": "step-ladder",
}  # fmt: skip
_SHOWS = {name: shown for shown, names in _DRAWN.items() for name in names.split()}
_BADGE = re.compile(
    r"(plus|minus|add|remove|check|alert|off|slash|lock|unlock|cog|edit|star|heart|search|clock|cancel|close|x|minimal|"
    r"question|exclamation|info|circle|square|box|rounded|sharp|outline|wifi|settings|sync|refresh|play|pause|stop|up|"
    r"down|left|right|user|shield|key|eye|marked|bookmark|arrow|multiple|group|network|remote|auto)$"
)
_NUMBER = re.compile(r"\d+")
_GENERIC = re.compile(r"^(\d|[a-z]$|letter|number|digit|flag|clock-|o-clock|moon-phase|id-|u-|button)")


def concept(name: str, icon_set: IconSet) -> str | None:
    """What an icon shows, in words, or None where it is no drawing of a thing.

    `name` is the icon's own, as "wolf-head-bold"; the set says which ending to cut off.
    """
    if icon_set.ending:
        if not name.endswith(icon_set.ending):
            return None
        name = name[: -len(icon_set.ending)]
    if icon_set.without and re.search(icon_set.without, name):
        return None
    if shown := _SHOWS.get(name) or _SHOWS.get(f"{icon_set.name}/{name}"):
        return shown
    if icon_set.name.startswith("streamline"):  # "food-drinks-…": no word of it is about the drawing
        name = re.sub(r"^(interface|computer|money|mail|phone|programming|entertainment|travel|shopping|health|food|"
                      r"nature-ecology|ecology|business|school|work-office|content|design|image|photography|programing)-"
                      r"(?=[a-z]+-)", "", name)  # fmt: skip
    if _GENERIC.search(name):
        return None
    words = [word for word in re.split(r"[-_ ]+", name) if word]
    words = [word for word in words if not _NUMBER.fullmatch(word)]
    words = [re.sub(r"\d+$", "", word) for word in words]
    if not words or any(word in _INTERFACE for word in words):
        return None
    if len(words) == 1 and words[0] in _PEOPLE | _FLAT | {"space", "austral", "split", "block", "exit", "poll"}:
        return None
    if len(words) > 1 and icon_set.name != "game-icons" and _BADGE.fullmatch(words[-1]):
        # "leaf-circle", "home-lock": a badge or a container around what the rest says.
        if words[-1] in ("circle", "square", "rounded", "sharp", "outline"):
            return None
        if icon_set.name not in ("fluent-emoji-high-contrast", "emojione-monotone", "pinhead"):
            return None
    kept = [word for word in words if word not in _STYLE] or (words if len(words) == 1 else [])
    kept = [word for word in kept if len(word) > 1]
    if not kept or len(kept) > 5:
        return None
    return " ".join(kept)
