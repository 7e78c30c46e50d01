"""E-mails from real processes to a real SMTP server: one for each event, whatever fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis

from mail_server import MailServer
from running import ADMIN_KEY, PRODUCER_KEY, Customer, Running, wait_until
from samples import SAMPLES
from webhooks_local.certificates import Certificates
from webhooks_local.embedded_redis import EmbeddedRedis
from webhooks_local.receiver import Receiver

pytestmark = pytest.mark.alone

PASSWORD = "canary-smtp-password"
UNLINK = SAMPLES["social-unlink-system"]
#: Seconds for anything to happen, even on a slow machine; an unresponsive server takes longer.
DEADLINE = 120
#: Changes only e-mails that are still owed, in one step.
HURRY = """
for _, mail_id in ipairs(redis.call('ZRANGE', 'mailAlarms', 0, -1)) do
    redis.call('HSET', 'mail:' .. mail_id, 'due', 0)
    redis.call('ZADD', 'mailAlarms', 0, mail_id)
end
"""


@dataclass(frozen=True)
class PostOffice:
    """A running system whose e-mails go to its own server."""

    running: Running
    server: MailServer
    redis: Any

    def unlink(self, title: str, count: int = 1, **changes: Any) -> str:
        """Let the system unlink a new profile this often; returns its refId. It has no webhook."""
        ref_id = Customer(self.running).profile(title)
        for _ in range(count):
            answer = self.running.call("POST", "/api/events", PRODUCER_KEY, {**UNLINK, "refId": ref_id, **changes})
            assert (answer.status_code, answer.json()["state"]) == (202, "unregistered")
        return ref_id

    def tried(self) -> list[dict[str, Any]]:
        """Return the tries that the worker has logged."""
        return logged(self.running, "mail.tried")

    def wait_for_a_try(self, before: int) -> dict[str, Any]:
        """Wait until there are more than `before` tries, and return the latest."""
        wait_until(lambda: len(self.tried()) > before, DEADLINE, "a try")
        return self.tried()[-1]

    def wait_until_one_is_being_sent(self) -> None:
        """Wait until an owed e-mail has been claimed."""
        wait_until(self._begun, DEADLINE, "a try")

    def hurry(self) -> None:
        """Make all owed e-mails due now."""
        self.redis.eval(HURRY, 0)

    def wait_until_all_have_ended(self) -> None:
        """Wait until no e-mail is owed."""
        wait_until(lambda: self.redis.zcard("mailAlarms") == 0, DEADLINE, "ended")

    def taken(self, title: str) -> list[str]:
        """Return the ids of the messages about this profile that the server has accepted."""
        return [one.message["Message-ID"] for one in self.server.taken() if title in one.message["Subject"]]

    def counted(self) -> dict[str, int]:
        """Return how many e-mails have ended, by outcome."""
        return {ending: int(count) for ending, count in self.redis.hgetall("mailsEnded").items()}

    def _begun(self) -> bool:
        owed = self.redis.zrange("mailAlarms", 0, -1)
        return any(self.redis.hget(f"mail:{mail_id}", "tries") for mail_id in owed)


def logged(running: Running, event: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in running.log("worker").splitlines() if f'"{event}"' in line]
    return [line for line in lines if line["event"] == event]


@pytest.fixture(scope="module")
def post_office(certificates: Certificates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostOffice]:
    directory = tmp_path_factory.mktemp("mails")
    login = {"login": ["ringback", PASSWORD], "demands_tls": True}
    with (
        EmbeddedRedis(directory / "redis", "password") as redis_server,
        MailServer(directory, certificate=str(certificates.receiver), **login) as server,
        Running(
            redis_server.url,
            certificates.authority,
            directory,
            SMTP_URL=f"smtp://ringback:{PASSWORD}@localhost:{server.port}?starttls=required",
            EMAIL_FROM="Ringback <ringback@mails.example>",
        ) as running,
        redis.Redis.from_url(redis_server.url, decode_responses=True) as client,
    ):
        yield PostOffice(running, server, client)


def test_an_unlink_by_the_system_sends_an_email_to_the_account(post_office: PostOffice) -> None:
    """The profile has no webhook. An unlink by the user never sends an e-mail."""
    running = post_office.running
    customer = Customer(running)
    addresses = ["zoe@acme.example", "ops@acme.example"]
    path = f"/api/admin/accounts/{customer.ref_id}"
    assert running.call("PATCH", path, ADMIN_KEY, {"altEmails": addresses}).status_code == 200
    ref_id = customer.profile("Zoë's shop")
    for event in (SAMPLES["social-unlink-user"], UNLINK, UNLINK):
        body = {**event, "refId": ref_id, "idempotencyKey": event["source"]}
        assert running.call("POST", "/api/events", PRODUCER_KEY, body).status_code == 202

    wait_until(lambda: bool(post_office.taken("Zoë's shop")), DEADLINE, "taken")
    post_office.wait_until_all_have_ended()

    (taken,) = (one for one in post_office.server.taken() if "Zoë's shop" in one.message["Subject"])
    assert (taken.recipients, taken.tls, taken.user) == (addresses, True, "ringback")
    assert taken.message["Subject"] == "Instagram was unlinked from Zoë's shop"
    assert "the password was changed" in taken.message.get_content()
    logs = "".join(running.log(name) for name in ("web", "worker", "beat"))
    assert [word for word in (PASSWORD, *addresses) if word in logs] == []


def test_a_mail_server_gets_all_owed_emails_after_an_outage(post_office: PostOffice) -> None:
    before = len(post_office.tried())
    post_office.server.end()
    post_office.unlink("Away")
    tried = post_office.wait_for_a_try(before)
    assert (tried["reason"], tried["next_in"]) == ("ConnectionRefusedError", 120)

    post_office.server.start()
    post_office.hurry()

    post_office.wait_until_all_have_ended()
    assert len(post_office.taken("Away")) == 1


def test_an_unresponsive_mail_server_delays_no_delivery(post_office: PostOffice, receiver: Receiver) -> None:
    """The delivery is made while the first of many e-mails is still being sent."""
    ref_id = Customer(post_office.running).profile("called", social=receiver.url("/ok/mails"))
    before = len(post_office.tried())
    with post_office.server.frozen():
        post_office.unlink("Hanging", count=10)
        post_office.wait_until_one_is_being_sent()
        post_office.running.send({**SAMPLES["social-link"], "refId": ref_id})
        receiver.wait_for("/ok/mails", 1, deadline_seconds=DEADLINE)
        assert len(post_office.tried()) == before
    post_office.hurry()
    post_office.wait_until_all_have_ended()
    assert len(set(post_office.taken("Hanging"))) == len(post_office.taken("Hanging")) == 10


def test_a_worker_killed_before_sending_sends_one_email_after_all(post_office: PostOffice) -> None:
    with post_office.server.frozen():
        post_office.unlink("Killed before")
        post_office.wait_until_one_is_being_sent()
        post_office.running.fleet.kill("worker")
    post_office.running.start("worker")
    post_office.hurry()
    post_office.wait_until_all_have_ended()
    assert len(post_office.taken("Killed before")) == 1


def test_a_worker_killed_before_recording_sends_the_same_message_again(
    post_office: PostOffice, tmp_path: Path
) -> None:
    """SMTP cannot tell whether the server has the message. The mail program can, as the id is the same.

    The e-mail is counted once.
    """
    answer, before = tmp_path / "answer", post_office.counted().get("sent", 0)
    with post_office.server.changed(waits_for=str(answer)):
        post_office.unlink("Killed after")
        wait_until(lambda: len(post_office.taken("Killed after")) == 1, DEADLINE, "taken")
        post_office.running.fleet.kill("worker")
        answer.touch()
        post_office.running.start("worker")
        post_office.hurry()
        post_office.wait_until_all_have_ended()
    first, second = post_office.taken("Killed after")
    assert first == second
    assert post_office.counted()["sent"] == before + 1


def test_a_worker_stops_in_time_while_the_mail_server_hangs(post_office: PostOffice) -> None:
    with post_office.server.frozen():
        post_office.unlink("Stopped")
        post_office.wait_until_one_is_being_sent()
        assert post_office.running.stop_in_time("worker") == 0
    post_office.running.start("worker")
    post_office.hurry()
    post_office.wait_until_all_have_ended()
    assert len(post_office.taken("Stopped")) == 1


def test_a_mail_server_configured_later_gets_all_owed_emails(post_office: PostOffice) -> None:
    """In the end it is counted once."""
    before, tries = post_office.counted(), len(post_office.tried())
    denied = {"ops@acme.example": "554 5.7.1 Relay access denied"}
    with post_office.server.changed(answers={"RCPT": denied}):
        post_office.unlink("Denied")
        tried = post_office.wait_for_a_try(tries)
    assert (tried["reason"], tried["left"]) == ("SMTPRecipientsRefused, 554 5.7.1", 1)
    assert post_office.counted() == before

    post_office.hurry()

    post_office.wait_until_all_have_ended()
    assert len(post_office.taken("Denied")) == 1
    assert post_office.counted() == {**before, "sent": before.get("sent", 0) + 1}


def test_without_a_mail_server_an_email_is_written_to_the_log(running: Running) -> None:
    customer = Customer(running)
    ref_id = customer.profile("Written to the log")
    running.call("POST", "/api/events", PRODUCER_KEY, {**UNLINK, "refId": ref_id})

    def mails() -> list[dict[str, Any]]:
        return [mail for mail in logged(running, "mail.logged") if "Written to the log" in mail["subject"]]

    wait_until(lambda: len(mails()) == 1, DEADLINE, "in the log")
    (mail,) = mails()
    assert (mail["recipients"], "the password was changed" in mail["text"]) == (1, True)
