// What the page does by itself, without the server: colours, copying, links, its language.
window.logoGAN ??= (() => {
  let shown = null; // what the editor holds: its colours by role and the query that leads to its logo
  const changed = new Map(); // address → what the visitor has changed: answers under way know nothing of it

  // Colours change in the picture at once; the server hears of them with its next request.
  function editor(element, props, watch, trigger) {
    const inputs = () => [...element.querySelectorAll("input[type=color]")];
    const ofLayers = () => inputs().filter((input) => input.dataset.role !== "name");
    const ofName = () => inputs().find((input) => input.dataset.role === "name");
    const paint = (input, colour) => {
      input.value = colour;
      input.setAttribute("value", colour); // or an unchanged attribute would keep the next logo's from being shown
      input.closest("label").querySelector("code").textContent = colour;
      const { role } = input.dataset;
      if (role === "ground") element.querySelector(".sheet").style.background = colour;
      for (const group of element.querySelectorAll(`.sheet g[data-layer="${role}"]`)) {
        group.setAttribute(group.hasAttribute("stroke") ? "stroke" : "fill", colour); // a ring is drawn by its line
      }
    };
    const paintAll = (colours) => ofLayers().forEach((input) => paint(input, colours[input.dataset.role] ?? input.value));
    const keep = (nameColour) => {
      const colours = Object.fromEntries(ofLayers().map((input) => [input.dataset.role, input.value]));
      shown = { ...props.value, colours, name_colour: nameColour };
      changed.set(shown.address, { colours, name_colour: nameColour });
      props.value = shown;
    };
    element.addEventListener("input", ({ target }) => {
      if (target.type !== "color") return;
      paint(target, target.value);
      keep(target === ofName() ? target.value : props.value.name_colour);
    });
    // A name takes another colour where the ground or the mark has one: which, the server knows.
    let timer = 0;
    const renamed = () => {
      if (!ofName() || props.value.name_colour) return;
      clearTimeout(timer);
      timer = setTimeout(() => trigger("select", {}), 300);
    };
    element.addEventListener("change", ({ target }) => {
      addressed();
      if (target !== ofName()) renamed();
    });
    element.addEventListener("click", async ({ target }) => {
      const button = target.closest("button");
      if (!button) return;
      if (button.dataset.do === "copy") return told(button, await copy(written(props.value.colours)));
      if (!ofLayers().length) return;
      paintAll(button.dataset.palette ? read(button.dataset.palette) : props.value.drawn);
      keep(props.value.name_colour);
      addressed();
      renamed();
    });
    watch("value", () => {
      shown = props.value;
      const mine = changed.get(shown?.address);
      if (mine && (written(mine.colours) !== written(shown.colours) || mine.name_colour !== shown.name_colour)) {
        paintAll(mine.colours);
        if (mine.name_colour && ofName()) paint(ofName(), mine.name_colour);
        keep(mine.name_colour);
      }
      addressed();
    });
  }

  // What was read in the prompt: parts that the visitor changes are sent together, as soon as no further one follows, and
  // again until the form that comes back has them. It keeps the focus, and what was open.
  function brief(element, watch, trigger) {
    const changes = new Map(); // kind → value
    let timer = 0;
    let last = null; // the kind of the control that has the focus
    const say = (control, value) => {
      changes.set(control.dataset.kind, value || (control.dataset.kind === "letters" ? "none" : value));
      clearTimeout(timer);
      timer = setTimeout(() => trigger("select", { changes: Object.fromEntries(changes) }), 250);
    };
    element.addEventListener("change", ({ target }) => { if (target.dataset.kind) say(target, target.value); });
    element.addEventListener("click", ({ target }) => {
      const button = target.closest("button[data-kind]");
      if (button) say(button, button.dataset.value);
    });
    element.addEventListener("keydown", ({ key, target }) => {
      const open = key === "Escape" && target.closest("details[open]");
      if (!open) return;
      open.open = false;
      open.querySelector("summary").focus();
    });
    document.addEventListener("focusin", ({ target }) => {
      last = element.contains(target) ? target.dataset.kind ?? target.closest("details")?.className : null;
    });
    let opened = null; // the details that are open while the form is made anew
    element.addEventListener("toggle", ({ target }) => {
      if (target.isConnected) opened = target.open ? target.className : opened === target.className ? null : opened;
    }, true);
    watch("value", () => requestAnimationFrame(() => {
      const changed = changes.keys().next().value;
      if (opened && changes.has(opened)) opened = null;
      changes.clear();
      const again = opened && element.querySelector(`details.${CSS.escape(opened)}`);
      if (again) again.open = true;
      if (document.activeElement !== document.body || !(last ?? changed)) return;
      const kind = CSS.escape(last ?? changed);
      (element.querySelector(`details.${kind} summary, [data-kind="${kind}"]`) ?? element.querySelector("summary, select"))?.focus();
    }));
  }

  // Colours as /export takes them: "ground=#ffffff mark=#0a1f66".
  const written = (colours) => Object.entries(colours).map((pair) => pair.join("=")).join(" ");
  const read = (text) => Object.fromEntries(text.split(" ").map((pair) => pair.split("=")));

  const told = (button, done) => {
    if (!done) return;
    const before = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => { if (button.textContent === button.dataset.done) button.textContent = before; }, 1500);
  };

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch { // an iframe without allow="clipboard-write", or a page without https
      const before = document.activeElement;
      const area = Object.assign(document.createElement("textarea"), { value: text });
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      before?.focus();
      return done;
    }
  }

  function ground(choice) {
    document.querySelector(".editor")?.setAttribute("data-ground", choice);
    addressed();
  }

  // The query that leads to the logo as the visitor has it now.
  function query() {
    const parts = [shown.query];
    const changes = Object.entries(shown.colours).filter(([role, colour]) => colour !== shown.drawn[role]);
    if (changes.length) parts.push(`colours=${changes.map(([role, colour]) => `${role}-${colour.slice(1)}`).join("_")}`);
    if (shown.name_colour) parts.push(`name_colour=${shown.name_colour.slice(1)}`);
    const { ground } = document.querySelector(".editor").dataset;
    if (ground !== "drawn") parts.push(`ground=${ground}`);
    return parts.join("&");
  }

  // On a phone the form fills the screen: what was drawn is shown.
  function drawn() {
    const logos = document.querySelector("#logos");
    if (window.innerWidth < 720 && logos.getBoundingClientRect().top > window.innerHeight / 2) {
      logos.scrollIntoView({ behavior: "smooth" });
    }
  }

  const place = () => window.location.origin + window.location.pathname;

  // Whoever reloads the page or sends on its address finds the same logo. What else the address says, of language and
  // theme, stays in it: Gradio sends it along with every request.
  function addressed() {
    if (!shown?.query) return;
    const others = [...new URLSearchParams(window.location.search)].filter(([name]) => name === "lang" || name.startsWith("__"));
    const kept = others.length ? `&${new URLSearchParams(others)}` : "";
    window.history.replaceState(null, "", `${place()}?${query()}${kept}`);
  }

  // What the server takes to say how it went: the link, and whether it was copied.
  async function share() {
    const link = `${place()}?${query()}`;
    return [link, (await copy(link)) ? "copied" : ""];
  }

  function save(file) {
    const anchor = Object.assign(document.createElement("a"), { href: file.url, download: file.orig_name });
    document.body.append(anchor);
    anchor.click();
    anchor.remove();
  }

  // Gradio's page follows the browser's language and has no switch of its own outside its settings panel; that one
  // calls changeLocale of a module which is loaded already.
  async function speak(language) {
    document.querySelectorAll("#languages button").forEach((button) =>
      button.setAttribute("aria-pressed", String(button.dataset.language === language)));
    const names = performance.getEntriesByType("resource").map((entry) => entry.name);
    const core = names.find((name) => /\/assets\/core-[\w-]+\.js$/.test(name));
    if (core) (await import(core)).changeLocale?.(language);
  }

  function languages(element, trigger) {
    const { cookie } = element.querySelector("[data-cookie]").dataset;
    const known = [...element.querySelectorAll("button")].map((button) => button.dataset.language);
    const kept = document.cookie.split("; ").find((part) => part.startsWith(`${cookie}=`))?.split("=")[1];
    const asked = [kept, new URLSearchParams(window.location.search).get("lang")].find((each) => known.includes(each));
    const preferred = navigator.languages.map((each) => each.slice(0, 2)).find((each) => known.includes(each)) ?? "en";
    speak(asked ?? preferred).then(() => { if (asked && asked !== preferred) trigger("select", { value: asked }); });
    element.addEventListener("click", async ({ target }) => {
      const { language } = target.closest("button")?.dataset ?? {};
      if (!language) return;
      const inside = window.location.protocol === "https:" ? "; SameSite=None; Secure; Partitioned" : "; SameSite=Lax";
      document.cookie = `${cookie}=${language}; path=/; max-age=31536000${inside}`;
      await speak(language);
      trigger("select", { value: language });
    });
  }

  return { brief, drawn, editor, ground, share, save, languages };
})();
