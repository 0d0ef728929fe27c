"""A browser under test, driven over the pipe that Chromium has for that: opens a page, runs scripts in it as a person's hands
would, and keeps what it complains of."""
import json
import os
import select
import subprocess
import time

PATIENCE_S = 60  # a cold start on a busy machine takes some seconds


class Browser:
    """`with Browser("chromium", folder) as browser:`; gone when the block ends."""

    def __init__(self, program, folder):
        self.complaints = []
        self._number = 0
        self._buffer = b""
        self._loaded = set()
        for_browser, self._to = os.pipe()
        self._from, by_browser = os.pipe()
        rights = ["--no-sandbox"] if os.geteuid() == 0 else []  # root has no user namespace to lock it into
        command = [program, "--headless=new", *rights, "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server", "--no-first-run",
                   f"--user-data-dir={folder / 'profile'}", "--remote-debugging-pipe", "about:blank"]
        # It reads commands from 3 and writes answers to 4.
        self._process = subprocess.Popen(["bash", "-c", f'exec "$@" 3<&{for_browser} 4>&{by_browser}', "bash", *command],
                                         pass_fds=(for_browser, by_browser), env={**os.environ, "HOME": str(folder)},
                                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(for_browser)
        os.close(by_browser)
        target = self._say("Target.createTarget", {"url": "about:blank"})["targetId"]
        self._session = self._say("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self._say(f"{domain}.enable")
        self._say("Page.setLifecycleEventsEnabled", {"enabled": True})

    def trust_everybody(self):
        """From now on it asks nobody who a certificate is by."""
        self._say("Security.setIgnoreCertificateErrors", {"ignore": True})

    def open(self, url):
        """Until everything on the page is loaded."""
        frame = self._say("Page.navigate", {"url": url})
        assert "errorText" not in frame, f"{url}: {frame['errorText']}"
        self._read(lambda: frame["loaderId"] in self._loaded)

    def run(self, script):
        """The value of a script, or of what its promise becomes."""
        done = self._say("Runtime.evaluate", {"expression": script, "awaitPromise": True, "returnByValue": True})
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def wait_for(self, selector) -> str:
        """The text of the first element that a selector finds, once there is one and it says something."""
        return self.run("""new Promise((resolve) => {
            const look = () => { const found = document.querySelector(%s)?.textContent; if (found) resolve(found); return found; };
            if (!look()) new MutationObserver(look).observe(document, {subtree: true, childList: true, characterData: true});
        })""" % json.dumps(selector))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self._to)  # by which it ends
        try:
            self._process.wait(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._from)

    def _say(self, method, parameters=None):
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters or {}}
        if session := getattr(self, "_session", None):
            message["sessionId"] = session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        answers = {}
        self._read(lambda: self._number in answers, answers)
        answer = answers[self._number]
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def _read(self, is_enough, answers=None):
        end = time.monotonic() + PATIENCE_S
        while not is_enough():
            while b"\0" in self._buffer:
                text, _, self._buffer = self._buffer.partition(b"\0")
                self._take(json.loads(text), answers)
            if is_enough():
                return
            ready, _, _ = select.select([self._from], [], [], max(0, end - time.monotonic()))
            assert ready, "the browser does not answer"
            received = os.read(self._from, 1 << 16)
            assert received, "the browser has ended"
            self._buffer += received

    def _take(self, message, answers):
        if "id" in message:
            if answers is not None:
                answers[message["id"]] = message
            return
        event = message["params"]
        if message["method"] == "Page.lifecycleEvent" and event["name"] == "load":
            self._loaded.add(event["loaderId"])
        if message["method"] == "Log.entryAdded" and event["entry"]["level"] in ("error", "warning"):
            self.complaints.append(event["entry"]["text"])
        if message["method"] == "Runtime.exceptionThrown":
            self.complaints.append(str(event["exceptionDetails"]))
        if message["method"] == "Runtime.consoleAPICalled" and event["type"] in ("error", "warning", "assert"):
            self.complaints.append(str(event["args"]))
