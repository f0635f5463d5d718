"""What is remembered of a visit, and when it is let go."""

import types
from datetime import datetime, timedelta

import gradio as gr
from gradio.routes import App

from logo_gan.web.gradio_patches import Page, _Unfetched
from logo_gan.web.settings import current


def test_answers_make_room_for_others_but_not_those_that_somebody_waits_for():
    waiting = types.SimpleNamespace(pending_event_ids_session={"first": {"event"}, "third": {"event"}})
    answers = _Unfetched(waiting, 3)
    for session in ("first", "second", "third", "fourth"):
        answers[session] = session
    assert [*answers] == ["first", "third", "fourth"]


def test_a_page_that_beats_again_is_open_and_one_that_does_not_is_let_go():
    with Page() as page:
        gr.State(0)
    App.create_app(page)
    sessions, long_ago = page.state_holder, datetime.now() - timedelta(minutes=current().away_minutes + 1)
    for session in ("back again", "gone"):
        sessions[session].is_closed = True  # as Gradio leaves it when a connection is lost
        sessions.time_last_used[session] = long_ago
    page._beating["back again"] = 1
    page.let_go()
    assert [*sessions.session_data] == ["back again"]
    assert not sessions["back again"].is_closed
