"""The app as an assistant meets it: asked through the Model Context Protocol by its own client."""

import ast
import asyncio
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import launched
from mcp import ClientSession, types
from mcp.client.streamable_http import streamable_http_client
from test_settings import refused

PROMPT = "orange rocket in a navy circle"


@pytest.fixture(scope="module")
def url(tmp_path_factory, bundled_weights):
    with launched(tmp_path_factory.mktemp("mcp"), GRADIO_MCP_SERVER="True") as app:
        yield f"{app.url}/gradio_api/mcp/"


def asked(url: str, method: str, *arguments):
    """What the server answers to one request of a new session."""

    async def ask():
        async with streamable_http_client(url) as (read, write, _), ClientSession(read, write) as session:
            await session.initialize()
            return await getattr(session, method)(*arguments)

    # In a thread of its own: the browser of other tests keeps a loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, ask()).result()


def text(result: types.CallToolResult) -> str:
    (content,) = result.content
    return content.text


def test_the_tools_are_the_endpoints_and_say_what_they_do(url):
    tools = {tool.name: tool for tool in asked(url, "list_tools").tools}
    assert {"generate", "generate_svg", "more_like_this", "mix", "export", "brief", "model_info"} <= set(tools)
    assert {"load_dataset", "random_logo", "analyse"} <= set(tools)
    assert all(len(tool.description) > 40 for tool in tools.values())
    assert tools["generate_svg"].description.startswith("Draw four logos for a prompt, as the texts of four SVG")
    assert tools["generate_svg"].inputSchema["required"] == ["prompt"]


def test_an_assistant_gets_four_logos_as_svg(url):
    result = asked(url, "call_tool", "generate_svg", {"prompt": PROMPT, "seed": 7})
    assert not result.isError
    documents = ast.literal_eval(text(result))  # Gradio writes a list as Python does
    assert len(documents) == len(set(documents)) == 4
    assert all(ET.fromstring(document).tag == "{http://www.w3.org/2000/svg}svg" for document in documents)


def test_an_assistant_gets_a_finished_logo_as_a_picture(url):
    address = "prompt=red+heart&seed=7&logo=2"
    result = asked(url, "call_tool", "export", {"logo": address, "size": 256, "name": "Aurora"})
    assert not result.isError
    picture, told = result.content
    assert (picture.type, picture.mimeType) == ("image", "image/png")
    assert told.text.startswith("Image URL: http://")


def test_a_mistake_is_answered_in_the_same_sentence_as_elsewhere(url):
    result = asked(url, "call_tool", "generate_svg", {"prompt": ""})
    assert result.isError
    assert text(result).startswith("The prompt is empty")
    assert "\n" not in text(result)


def test_without_the_extra_the_app_says_what_is_missing(tmp_path):
    """As if it were not installed: Python takes a name that is None in sys.modules for a module that is not there."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['mcp'] = None\n")
    (line,) = refused(tmp_path, GRADIO_MCP_SERVER="True", PYTHONPATH=str(tmp_path))
    assert line == "error: GRADIO_MCP_SERVER is set, but the package mcp is missing: install requirements-mcp.txt."
