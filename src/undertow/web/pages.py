"""The pages, one method each; the rules behind them are left to `service`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from jinja2 import Environment
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from undertow.bank.responses import Answer
from undertow.errors import InputError, NotReady, ResponseError
from undertow.measure.fair import Length
from undertow.reading.adjustment import Adjusting
from undertow.reading.sureness import about_numbers
from undertow.service.sitting import FACT_STAGES, Sitting, Stage
from undertow.settings import Settings
from undertow.web.chart import chart_of
from undertow.web.cookie import SittingCookie
from undertow.web.forms import (
    SKIPPED,
    ForeignForm,
    adjusted_of,
    category_of,
    read_form,
    revision_of,
)
from undertow.wiring import House


class NoSitting(InputError):
    """The request came without a sitting where one is needed."""


class EndedSitting(InputError):
    """The request's sitting was changed or is too old."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pages:
    """Every page of the self-check. `clock` gives seconds since 1970."""

    house: House
    settings: Settings
    cookie: SittingCookie
    environment: Environment
    clock: Callable[[], int]

    # ---- pages that anyone may read ----------------------------------------------------------

    async def start(self, request: Request) -> Response:
        try:
            sitting = self._read(request)
        except EndedSitting:
            sitting = None
        return self._page(
            "start.html",
            length=self.house.length,
            others=self.house.other_lengths,
            resume=sitting is not None,
        )

    async def before(self, request: Request) -> Response:
        return self._before(Length.USUAL)

    async def before_short(self, request: Request) -> Response:
        return self._before(Length.SHORT)

    async def before_full(self, request: Request) -> Response:
        return self._before(Length.FULL)

    async def young(self, request: Request) -> Response:
        return self._page("text.html", title="young_title", paragraphs=self._paragraphs("young"))

    async def numbers(self, request: Request) -> Response:
        values = about_numbers(self.house.check.bank, self.house.check.phrases)
        return self._page(
            "text.html",
            title="numbers_title",
            paragraphs=tuple(text.format(**values) for text in self._paragraphs("numbers")),
        )

    async def help(self, request: Request) -> Response:
        return self._page("help.html")

    async def health(self, request: Request) -> Response:
        return PlainTextResponse("ok\n")

    # ---- the sitting -------------------------------------------------------------------------

    async def begin(self, request: Request) -> Response:
        form = await read_form(request)
        length = form.get("length", Length.USUAL.value)
        return self._onward(self.house.check.begin(self.clock(), length=length))

    async def check(self, request: Request) -> Response:
        sitting = self._required(request)
        if self.house.check.stage(sitting) is Stage.RESULT:
            return self._redirect("/result")
        return self._stage_page(sitting)

    async def age(self, request: Request) -> Response:
        form = await read_form(request)
        sitting = self._required(request)
        return self._moved(
            sitting,
            lambda: self.house.check.state_age(
                sitting, form.get("choice", ""), revision=revision_of(form), now=self.clock()
            ),
        )

    async def gender(self, request: Request) -> Response:
        form = await read_form(request)
        sitting = self._required(request)
        return self._moved(
            sitting,
            lambda: self.house.check.state_gender(
                sitting,
                form.get("choice", ""),
                form.get("own_words", ""),
                revision=revision_of(form),
                now=self.clock(),
            ),
        )

    async def relationship(self, request: Request) -> Response:
        form = await read_form(request)
        sitting = self._required(request)
        return self._moved(
            sitting,
            lambda: self.house.check.state_relationship(
                sitting,
                form.get("choice", ""),
                form.get("partner_word", ""),
                revision=revision_of(form),
                now=self.clock(),
            ),
        )

    async def answer(self, request: Request) -> Response:
        form = await read_form(request)
        sitting = self._required(request)
        return self._moved(
            sitting,
            lambda: self.house.check.answer(
                sitting,
                Answer(item_id=form.get("item", ""), category=category_of(form)),
                revision=revision_of(form),
                now=self.clock(),
            ),
        )

    async def back(self, request: Request) -> Response:
        form = await read_form(request)
        sitting = self._required(request)
        return self._moved(
            sitting,
            lambda: self.house.check.back(sitting, revision=revision_of(form), now=self.clock()),
        )

    async def adjust(self, request: Request) -> Response:
        form = await read_form(request)
        sitting = self._required(request)
        return self._moved(
            sitting,
            lambda: self.house.check.adjust(
                sitting,
                adjusted=adjusted_of(form),
                revision=revision_of(form),
                now=self.clock(),
            ),
        )

    async def result(self, request: Request) -> Response:
        sitting = self._required(request)
        try:
            report = self.house.check.report(sitting)
        except NotReady:
            return self._redirect("/check")
        return self._page(
            "result.html",
            report=report,
            chart=chart_of(report.plane),
            is_off=report.adjustment.state is Adjusting.OFF,
            revision=sitting.revision,
        )

    async def leave(self, request: Request) -> Response:
        """Ends the sitting and replaces the page by the operator's neutral one.

        Only a form of this site's own pages may do that: a link elsewhere or a prefetch can't.
        """
        await read_form(request)
        response = RedirectResponse(self.settings.exit_url, status_code=HTTPStatus.SEE_OTHER)
        self.cookie.clear(response)
        response.headers["clear-site-data"] = '"cookies", "storage"'
        return response

    # ---- what went wrong ---------------------------------------------------------------------

    async def on_no_sitting(self, request: Request, error: Exception) -> Response:
        return self._error("error_none_title", self._say("error_none"), HTTPStatus.BAD_REQUEST)

    async def on_ended_sitting(self, request: Request, error: Exception) -> Response:
        text = self._say("error_ended", minutes=self.house.length.minutes)
        response = self._error("error_ended_title", text, HTTPStatus.BAD_REQUEST)
        self.cookie.clear(response)
        return response

    async def on_input_error(self, request: Request, error: Exception) -> Response:
        return self._error(
            "error_title", str(error), HTTPStatus.BAD_REQUEST, resume=self._has_sitting(request)
        )

    async def on_http(self, request: Request, error: Exception) -> Response:
        """404, 405, 413 and the like, and a form that came from elsewhere."""
        status = error.status_code if isinstance(error, HTTPException) else 400
        if isinstance(error, ForeignForm):
            text = "error_foreign"
        else:
            text = {404: "error_not_found", 405: "error_method", 413: "error_too_large"}.get(
                status, "error_method"
            )
        title = "error_not_found_title" if status == HTTPStatus.NOT_FOUND else "error_title"
        return self._error(
            title, self._say(text), HTTPStatus(status), resume=self._has_sitting(request)
        )

    async def on_failure(self, request: Request, error: Exception) -> Response:
        return self._error(
            "error_ours_title",
            self._say("error_ours"),
            HTTPStatus.INTERNAL_SERVER_ERROR,
            resume=True,
        )

    # ---- inside ------------------------------------------------------------------------------

    def _before(self, length: Length) -> Response:
        chosen = next((one for one in self.house.other_lengths if one.length is length), None)
        if chosen is None and length is not Length.USUAL:
            # Too few questions for this length to differ: it is not offered, so it is not there.
            raise HTTPException(status_code=HTTPStatus.NOT_FOUND)
        return self._page(
            "before.html",
            operator=self.settings.operator,
            hours=self.settings.sitting_seconds // 3600,
            chosen=chosen,
        )

    def _read(self, request: Request) -> Sitting | None:
        try:
            return self.cookie.read(request, self.house.check.instrument, now=self.clock())
        except InputError as error:
            raise EndedSitting(str(error)) from None

    def _required(self, request: Request) -> Sitting:
        sitting = self._read(request)
        if sitting is None:
            raise NoSitting("No sitting is open in this browser.")
        return sitting

    def _has_sitting(self, request: Request) -> bool:
        try:
            return self._read(request) is not None
        except EndedSitting:
            return False

    def _moved(self, sitting: Sitting, move: Callable[[], Sitting]) -> Response:
        """The next screen after a move, or the same one with what was wrong; nothing is lost."""
        try:
            moved = move()
        except ResponseError as error:
            return self._stage_page(sitting, notice=str(error), status=HTTPStatus.BAD_REQUEST)
        if self.house.check.stage(moved) is Stage.YOUNG:
            # Under 18 nothing is scored, so nothing needs to be carried on.
            response = self._redirect("/young")
            self.cookie.clear(response)
            return response
        return self._onward(moved)

    def _onward(self, sitting: Sitting) -> Response:
        response = self._redirect("/check")
        self.cookie.write(response, sitting, self.house.check.instrument)
        return response

    def _redirect(self, path: str) -> Response:
        # 303, so that going back or reloading never sends a form again.
        return RedirectResponse(path, status_code=HTTPStatus.SEE_OTHER)

    def _stage_page(
        self, sitting: Sitting, *, notice: str = "", status: HTTPStatus = HTTPStatus.OK
    ) -> Response:
        check = self.house.check
        stage = check.stage(sitting)
        common = {"revision": sitting.revision, "notice": notice, "facts": sitting.facts}
        if stage in FACT_STAGES:
            return self._page(
                f"{stage.value}.html",
                status,
                stage=stage.value,
                fact=self.house.screens.facts[stage.value],
                number=FACT_STAGES.index(stage) + 1,
                partner_words=check.instrument.partner_words,
                **common,
            )
        if stage is Stage.ITEM:
            return self._page(
                "item.html", status, question=check.question(sitting), skipped=SKIPPED, **common
            )
        return self._error("error_title", notice, status, resume=True)

    def _page(
        self, template: str, status: HTTPStatus = HTTPStatus.OK, **values: object
    ) -> HTMLResponse:
        drawn = self.environment.get_template(template).render(
            say=self._say,
            screens=self.house.screens,
            help=self.house.check.help_note,
            **values,
        )
        return HTMLResponse(drawn, status_code=status)

    def _error(
        self, title: str, text: str, status: HTTPStatus, *, resume: bool = False
    ) -> HTMLResponse:
        return self._page("error.html", status, title=title, text=text, resume=resume)

    def _say(self, text_id: str, **values: object) -> str:
        return self.house.screens.say(text_id, **values)

    def _paragraphs(self, list_id: str) -> tuple[str, ...]:
        return self.house.screens.paragraphs(list_id)
