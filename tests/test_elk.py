"""The app's JSON log on its way into Elasticsearch: its lines, the shipper, the index, the dashboard, compose.yaml.

No Elasticsearch and no Kibana run here: a stand-in parses what it is given by the index template.
"""

import csv
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import parquets
import pytest
import yaml
from conftest import ROOT, launched
from elastic_stand_in import PASSWORD, Elastic, elastic
from elasticsearch import AuthenticationException, Elasticsearch, helpers
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

ELK = ROOT / "docs" / "elk"
STREAM = "logs-logo_gan-default"
PROMPT = "orange rocket in a navy circle"
SECRETS = {"ELASTIC_PASSWORD": PASSWORD, "KIBANA_PASSWORD": "kibana-password", "FILEBEAT_PASSWORD": "shipper-password"}
READ = {"LOGO_GAN_LOG_FORMAT": "json", "LOGO_GAN_LOG_DIR": "/var/log/logo-gan"}
# Names of options, for Filebeat passes over one that it does not know: those of its documentation that may be of use.
# https://www.elastic.co/docs/reference/beats/filebeat/filebeat-input-filestream
OPTIONS_OF_FILESTREAM = {
    "type", "id", "enabled", "paths", "parsers", "processors", "tags", "fields", "fields_under_root", "exclude_lines",
    "include_lines", "message_max_bytes", "ignore_older", "ignore_inactive", "clean_inactive", "clean_removed",
    "close.on_state_change.inactive", "close.on_state_change.removed", "close.on_state_change.renamed",
    "prospector.scanner.check_interval", "prospector.scanner.exclude_files", "prospector.scanner.include_files",
    "prospector.scanner.fingerprint.enabled", "prospector.scanner.fingerprint.offset",
    "prospector.scanner.fingerprint.length", "file_identity",
}  # fmt: skip
OPTIONS_OF_NDJSON = {
    "target", "expand_keys", "overwrite_keys", "add_error_key", "message_key", "document_id", "ignore_decoding_error",
}  # fmt: skip
# https://www.elastic.co/docs/reference/beats/filebeat/elasticsearch-output
OPTIONS_OF_OUTPUT = {
    "enabled", "hosts", "protocol", "path", "username", "password", "api_key", "index", "indices", "pipeline", "preset",
    "worker", "bulk_max_size", "compression_level", "timeout", "max_retries", "ssl", "allow_older_versions",
}  # fmt: skip


@cache
def fields() -> dict[str, dict[str, str]]:
    """The table of the Elastic Common Schema's fields, by name."""
    lines = (ROOT / "tests" / "ecs_fields.csv").read_text(encoding="utf-8").splitlines()
    return {row["field"]: row for row in csv.DictReader(line for line in lines if not line.startswith("#"))}


def leaves(document: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """(dotted name, value); what is inside of `labels` belongs to it."""
    for key, value in document.items():
        name = before + key
        if isinstance(value, dict) and name != "labels":
            yield from leaves(value, f"{name}.")
        else:
            yield name, value


def faults(line: str) -> list[str]:
    """What is wrong with a line of the log in the eyes of ECS and of its specification for loggers."""
    document = json.loads(line, object_pairs_hook=_no_key_twice)
    known, found, names = fields(), [], [name for name, _ in leaves(document)]
    found += [f"{name} is there twice" for name in set(names) if names.count(name) > 1]
    found += [f"{name} is missing" for name, field in known.items() if field["required"] and name not in names]
    # They come first, in this order, and log.level as one key, so that a person can read the lines.
    found += [f"{name} is not key {f['order']}" for name, f in known.items()
              if f["order"] and [*document].index(name) != int(f["order"])]  # fmt: skip
    for name, value in leaves(document):
        field = known.get(name)
        if field is None:
            found.append(f"{name} is no field")
        elif (field["array"] == "yes") != isinstance(value, list):
            found.append(f"{name} is {'no' if field['array'] else 'an'} array")
        else:
            for each in value if isinstance(value, list) else [value]:
                if not _is(field["type"], each):
                    found.append(f"{name} is {each!r}, no {field['type']}")
                elif field["allowed"] and each not in field["allowed"].split():
                    found.append(f"{name} is {each!r}, which is not among its values")
    return found


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(pairs)) == len(pairs), pairs
    return dict(pairs)


def _is(kind: str, value: Any) -> bool:
    if kind == "date":
        # The form that ecs-logging writes: UTC, milliseconds.
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value) and datetime.fromisoformat(value))
    if kind in ("long", "integer"):
        return type(value) is int
    if kind == "object":
        return all(isinstance(each, str) and not re.search(r"[.*\\]", key) for key, each in value.items())
    return isinstance(value, str)


@pytest.fixture(scope="module")
def lines(bundled_weights, tmp_path_factory) -> list[str]:
    """The JSON log of an app that was asked for logos, an analysis, something refused and something unknown."""
    folder = tmp_path_factory.mktemp("elk")
    data = parquets.write(folder / "logos.parquet", [parquets.picture(i) for i in range(5)], ["a logo"] * 5)
    with launched(folder, LOGO_GAN_LOG_FORMAT="json", LOGO_GAN_LOG_DIR=str(folder / "logs")) as app:
        client = Client(app.url, verbose=False, download_files=False)
        client.predict(PROMPT, 7, api_name="/generate")
        client.predict(handle_file(data), api_name="/load_dataset")
        client.predict(api_name="/analyse")
        with pytest.raises(AppError):
            client.predict("logo-of-nothing", api_name="/more_like_this")
        assert httpx.get(f"{app.url}/nothing-is-here").status_code == 404
        log = folder / "logs" / "logo_gan.json"
        deadline = time.monotonic() + 10
        while '"status_code": 404' not in log.read_text() and time.monotonic() < deadline:
            time.sleep(0.1)
    written = log.read_text(encoding="utf-8").splitlines()
    # Standard error has the same lines.
    assert set(written) <= set(app.log.read_text(encoding="utf-8").splitlines())
    return written


@pytest.fixture
def server() -> Iterator[Elastic]:
    with elastic() as running:
        yield running


@pytest.fixture
def cluster(server) -> Iterator[Elasticsearch]:
    """Elasticsearch's own client of the stand-in, which setup.sh has set up."""
    step("elasticsearch", server)
    with Elasticsearch(server.url, basic_auth=("elastic", PASSWORD), max_retries=0) as client:
        yield client


def step(name: str, server: Elastic | None = None, **changes: str) -> subprocess.CompletedProcess[str]:
    """Runs a step of setup.sh with what .env should hold."""
    urls = {"ELASTICSEARCH_URL": server.url, "KIBANA_URL": server.url} if server else {}
    environment = {"PATH": "/usr/bin:/bin", **SECRETS, **READ, **urls, **changes}
    script = ["bash", ELK / "setup.sh", name]
    done = subprocess.run(script, env=environment, capture_output=True, text=True, timeout=60)
    if not changes:
        assert done.returncode == 0, done.stderr
    return done


def bulk(cluster: Elasticsearch, documents: list[Any], operation: str = "create") -> tuple[int, list[Any]]:
    """(how many were taken, the errors of the others)"""
    actions = ({"_op_type": operation, "_index": STREAM, "_source": document} for document in documents)
    return helpers.bulk(cluster, actions, raise_on_error=False)


def mapped() -> dict[str, str]:
    """Field → type in the index template; "message.keyword" is a field of its own."""

    def walk(properties: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
        for name, mapping in properties.items():
            if "type" in mapping:
                yield before + name, mapping["type"]
            yield from walk(mapping.get("properties", {}) | mapping.get("fields", {}), f"{before}{name}.")

    template = json.loads((ELK / "index_template.json").read_text())
    return dict(walk(template["template"]["mappings"]["properties"]))


def test_every_line_of_the_log_is_ecs(lines):
    assert len(lines) > 8
    assert [(fault, line) for line in lines for fault in faults(line)] == []


def test_lines_of_exceptions_of_libraries_and_with_values_are_ecs():
    code = """
import logging
from loguru import logger
from logo_gan.web import log, settings
log.set_up(settings.current())
try:
    1 / 0
except ZeroDivisionError:
    logger.exception("It went wrong.")
logging.getLogger("uvicorn.error").warning("of a %s", "library")
logger.bind(model="warp", n=4).error("with values, and\\na line break")
"""
    environment = {**os.environ, "LOGO_GAN_LOG_FORMAT": "json"}
    script = [sys.executable, "-c", code]
    done = subprocess.run(script, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True)
    exception, library, bound = done.stderr.splitlines()
    assert [faults(line) for line in (exception, library, bound)] == [[], [], []]
    assert {"error.type", "error.message", "error.stack_trace"} <= dict(leaves(json.loads(exception))).keys()
    assert json.loads(library)["log"]["logger"] == "uvicorn.error"
    assert json.loads(bound)["labels"] == {"model": "warp", "n": "4"}


def test_a_line_that_is_not_ecs_is_found_out():
    good = {"@timestamp": "2026-11-25T08:29:54.123Z", "log.level": "info", "message": "", "ecs": {"version": "1.6.0"}}
    assert faults(json.dumps(good)) == []
    for change, fault in {
        '{"event": {"kind": "party"}}': "event.kind is 'party', which is not among its values",
        '{"event": {"category": "web"}}': "event.category is no array",
        '{"event": {"duration": 1.5}}': "event.duration is 1.5, no long",
        '{"prompt": "a cat"}': "prompt is no field",
        '{"log": {"level": "info"}}': "log.level is there twice",
        '{"labels": {"n": 4}}': "labels is {'n': 4}, no object",
        '{"@timestamp": "2026-11-25 08:29:54"}': "@timestamp is '2026-11-25 08:29:54', no date",
    }.items():
        assert faults(json.dumps(good | json.loads(change))) == [fault]
    backwards = faults(json.dumps(dict(reversed(good.items()))))
    assert backwards == ["@timestamp is not key 0", "log.level is not key 1", "message is not key 2"]
    assert faults(json.dumps({**good, "ecs": {}})) == ["ecs.version is missing"]


def test_the_log_tells_what_was_asked_how_long_it_took_and_how_it_ended(lines):
    told = [dict(leaves(json.loads(line))) for line in lines]
    events = {each["event.action"]: each for each in told if "event.action" in each}
    assert {"http-request", "generate", "load_dataset", "analyse", "more_like_this"} <= set(events)
    assert events["generate"]["event.outcome"] == events["analyse"]["event.outcome"] == "success"
    assert events["more_like_this"]["event.outcome"] == "failure"
    assert 10**6 < events["generate"]["event.duration"] < 10**11
    requests = [each for each in told if each.get("event.action") == "http-request"]
    assert {each["http.response.status_code"] for each in requests} >= {200, 404}
    (sent,) = (each for each in requests if each["url.path"] == "/gradio_api/upload")
    assert sent["http.request.body.bytes"] > 1000
    # The event and the request that brought it have the same id.
    assert events["generate"]["trace.id"] in {each["trace.id"] for each in requests}
    assert PROMPT not in "".join(lines)


def test_the_index_takes_every_line_and_knows_all_of_its_fields(lines, server, cluster):
    taken, errors = bulk(cluster, [json.loads(line) for line in lines])
    assert (taken, errors) == (len(lines), [])
    assert len(server.documents[STREAM]) == len(lines)
    assert server.unmapped == set()


def test_the_index_refuses_what_does_not_fit_and_that_alone(server, cluster):
    good = {"@timestamp": "2026-11-25T08:29:54.123Z", "message": "fits", "labels": {"any": "thing"}}
    bad = {
        "[event.duration] of type [long]": good | {"event": {"duration": "slow"}},
        "[@timestamp] of type [date]": good | {"@timestamp": "2026-11-25 08:29:54"},
        "[@timestamp] is missing": {"message": "when?"},
        "[message] of type [text]": good | {"message": {"text": "nested"}},
        "[process] of type [object]": good | {"process": "python"},
    }
    taken, errors = bulk(cluster, [good, *bad.values(), good])
    assert taken == 2
    reasons = [error["create"]["error"]["reason"] for error in errors]
    assert len(reasons) == len(bad)
    assert all(part in reason for part, reason in zip(bad, reasons, strict=True))
    assert bulk(cluster, [good], "index")[0] == 0
    bulk(cluster, [good | {"prompt": "a cat"}])
    assert server.unmapped == {"prompt"}


def test_the_steps_hand_over_what_the_files_say(server):
    step("elasticsearch", server)
    for path, file in (
        ("/_index_template/logo_gan", "index_template.json"),
        ("/_ilm/policy/logo_gan", "lifecycle.json"),
        ("/_security/role/logo_gan_shipper", "role.json"),
    ):
        assert server.puts[path] == json.loads((ELK / file).read_text())
    assert server.puts["/_security/user/kibana_system/_password"] == {"password": "kibana-password"}
    user = server.puts["/_security/user/logo_gan_shipper"]
    assert user == {"password": "shipper-password", "roles": ["logo_gan_shipper"]}
    template = server.puts["/_index_template/logo_gan"]
    assert template["template"]["settings"]["index"]["lifecycle"]["name"] == "logo_gan"
    step("kibana", server)
    assert server.imported == (ELK / "dashboard.ndjson").read_bytes()
    server.kibana_takes_it = False
    refused = step("kibana", server, LOGO_GAN_LOG_DIR="")
    assert refused.returncode == 1 and "Kibana did not take the dashboard" in refused.stderr


def test_a_step_that_fails_says_so(server):
    wrong = step("elasticsearch", server, ELASTIC_PASSWORD="another-password")
    assert wrong.returncode != 0 and "401" in wrong.stderr and server.puts == {}
    with Elasticsearch(server.url, basic_auth=("elastic", "wrong")) as client, pytest.raises(AuthenticationException):
        client.indices.put_index_template(name="any", index_patterns=["any-*"])


def test_without_all_passwords_and_the_log_in_its_place_nothing_starts():
    assert step("check").returncode == 0
    for name in [*SECRETS, *READ]:
        for value in ("", "short", 'twelve"or more'):
            done = step("check", **{name: value})
            assert done.returncode == 1 and done.stderr.startswith("error: set ") and name in done.stderr


def test_the_example_of_the_environment_lacks_nothing_but_the_passwords():
    pairs = re.findall(r"^(\w+)=(.*)$", (ELK / "env.example").read_text(), re.MULTILINE)
    assert dict(pairs) == dict.fromkeys(SECRETS, "") | READ


def test_types_of_the_index_are_those_of_ecs():
    known, types = fields(), mapped()
    ours = {name: kind for name, kind in types.items() if not name.endswith(".keyword")}
    assert ours == {name: known[name]["type"] for name in ours}
    assert {name for name, kind in types.items() if name.endswith(".keyword")} == {
        "message.keyword", "error.message.keyword",
    }  # fmt: skip


def test_the_shipper_reads_the_files_that_the_app_writes():
    config = yaml.safe_load((ELK / "filebeat.yml").read_text())
    assert set(config) == {
        "filebeat.inputs", "processors", "output.elasticsearch", "setup.template.enabled", "setup.ilm.enabled",
    }  # fmt: skip
    (source,), target = config["filebeat.inputs"], config["output.elasticsearch"]
    assert source["type"] == "filestream" and set(source) <= OPTIONS_OF_FILESTREAM
    (parser,) = source["parsers"]
    assert set(parser["ndjson"]) <= OPTIONS_OF_NDJSON
    assert parser["ndjson"]["target"] == "" and parser["ndjson"]["expand_keys"] and parser["ndjson"]["overwrite_keys"]
    assert set(target) <= OPTIONS_OF_OUTPUT
    (path,) = source["paths"]
    # The names of loguru: the file being written, and a rotated one.
    folder = Path(READ["LOGO_GAN_LOG_DIR"])
    assert all((folder / name).match(path) for name in ("logo_gan.json", "logo_gan.2026-11-25_08-29-54_123456.json"))
    # Otherwise Filebeat would put its own template over ours.
    assert config["setup.template.enabled"] is config["setup.ilm.enabled"] is False
    # It may write to the stream, and the template is for it.
    names = json.loads((ELK / "role.json").read_text())["indices"][0]["names"]
    patterns = json.loads((ELK / "index_template.json").read_text())["index_patterns"]
    assert target["index"] == STREAM and target["username"] == "logo_gan_shipper" and names == patterns
    assert Path(STREAM).match(patterns[0])


def test_the_dashboard_holds_together_and_asks_for_fields_that_exist():
    objects = [json.loads(line) for line in (ELK / "dashboard.ndjson").read_text(encoding="utf-8").splitlines()]
    by_key = {(each["type"], each["id"]): each for each in objects}
    assert len(by_key) == len(objects)
    for each in objects:
        assert all((reference["type"], reference["id"]) in by_key for reference in each["references"])
    (view,) = (each for each in objects if each["type"] == "index-pattern")
    assert Path(STREAM).match(view["attributes"]["title"])
    known = {**mapped(), "___records___": "long"}
    assert set(json.loads(view["attributes"]["fieldFormatMap"])) <= set(known)
    for each in objects:
        if each["type"] == "lens":
            _check_panel(each, known)
    (board,) = (each for each in objects if each["type"] == "dashboard")
    panels = json.loads(board["attributes"]["panelsJSON"])
    references = {reference["name"]: reference["id"] for reference in board["references"]}
    assert [f"{panel['panelIndex']}:{panel['panelRefName']}" for panel in panels] == list(references)
    assert set(references.values()) == {each["id"] for each in objects if each["type"] == "lens"}
    cells = [(x, y) for panel in panels for x, y in _cells(panel["gridData"])]
    assert len(cells) == len(set(cells)) and max(x for x, _ in cells) < 48


def _check_panel(panel: dict[str, Any], known: dict[str, str]) -> None:
    state = panel["attributes"]["state"]
    ((name, layer),) = state["datasourceStates"]["formBased"]["layers"].items()
    columns = layer["columns"]
    assert [reference["name"] for reference in panel["references"]] == [f"indexpattern-datasource-layer-{name}"]
    assert layer["columnOrder"] == list(columns)
    for column in columns.values():
        kind = known[column["sourceField"]]
        # Text has no values to group by, and only numbers have percentiles.
        fitting = {"terms": ("keyword", "long"), "date_histogram": ("date",)}.get(column["operationType"], ("long",))
        assert kind in fitting, column
        assert column["operationType"] != "terms" or column["dataType"] == {"keyword": "string"}.get(kind, "number")
        if column["operationType"] == "terms":
            assert column["params"]["orderBy"]["columnId"] in columns
    shown = state["visualization"]
    drawn = [shown] if "columns" in shown else shown["layers"]
    used = {each["columnId"] for part in drawn for each in part.get("columns", ())}
    used |= {part[key] for part in drawn for key in ("xAccessor", "splitAccessor") if key in part}
    used |= {each for part in drawn for each in part.get("accessors", ())}
    assert {part["layerId"] for part in drawn} == {name} and used == set(columns)
    asked = re.findall(r"([\w.]+): ", state["query"]["query"])
    assert asked and set(asked) <= set(known)


def _cells(grid: dict[str, Any]) -> Iterator[tuple[int, int]]:
    return ((x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"]))


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]


def test_the_page_alone_asks_for_no_password(services):
    assert [name for name, each in services.items() if "profiles" not in each] == ["app"]
    assert all(each.get("profiles", ["elk"]) == ["elk"] for each in services.values())
    # Compose looks at "${NAME:?}" and "${NAME}" in every profile: an error, and a warning.
    asked = re.findall(r"(?<!\$)\$\{[^}]*\}", json.dumps(services))
    assert asked and all(re.fullmatch(r"\$\{\w+:?-[^}]*\}", each) for each in asked)
    assert "depends_on" not in services["app"]


def test_the_images_are_of_one_version_and_the_ports_on_the_loopback(services):
    images = {each["image"] for each in services.values() if each.get("profiles")}
    versions = {re.fullmatch(r"docker\.elastic\.co/[\w/]+:(9\.\d+\.\d+)", image)[1] for image in images}
    assert len(images) == 3 and len(versions) == 1
    ports = [port for each in services.values() for port in each.get("ports", ())]
    assert len(ports) == 2 and all(port.startswith("127.0.0.1:") for port in ports)
    # The page is open to anyone, and so is not on the network of the others.
    assert "networks" not in services["app"]
    assert all(each["networks"] == ["elk"] for each in services.values() if each.get("profiles"))


def test_everything_waits_for_the_check_and_has_a_bound(services):
    def waits(name: str) -> bool:
        before = services[name].get("depends_on", {})
        return "check" in before or any(waits(each) for each in before)

    assert all(waits(name) for name in services if name not in ("app", "check"))
    for each in services.values():
        assert each["cap_drop"] == ["ALL"] and each["security_opt"] == ["no-new-privileges:true"] and each["mem_limit"]
        for other, how in each.get("depends_on", {}).items():
            ends = "entrypoint" in services[other]
            assert how["condition"] == ("service_completed_successfully" if ends else "service_healthy")
            assert ends or other == "app" or "healthcheck" in services[other]  # the app's is in its image
    steps = {name: each["command"] for name, each in services.items() if "entrypoint" in each}
    assert steps == {"check": ["check"], "setup": ["elasticsearch"], "dashboard": ["kibana"]}


def test_the_log_goes_from_the_app_to_the_shipper_through_a_volume_that_the_app_may_write_to(services):
    folder = READ["LOGO_GAN_LOG_DIR"]
    assert f"logs:{folder}" in services["app"]["volumes"]
    assert f"logs:{folder}:ro" in services["filebeat"]["volumes"]
    # A new volume has the owner of what the image has there; without that it would be root's.
    made = re.findall(r"^RUN .*install .*--owner=1000.* (\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert made == [folder]
    handed = [
        volume.split(":")[0] for each in services.values() for volume in each.get("volumes", ()) if volume[0] == "."
    ]
    assert handed and all((ROOT / source).exists() for source in handed)
