"""The audit log when the server is killed: nothing that was acknowledged is lost, and the chain can be verified."""
import json
import signal
import subprocess
import threading

from support.server import Server


def run(binary, data, *words):
    return subprocess.run([binary, *words, "--data", data], capture_output=True, text=True, timeout=120, check=False)


def verify(binary, data):
    checked = run(binary, data, "audit", "verify", "--json")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    return json.loads(checked.stdout)


def test_a_killed_server_leaves_a_chain_that_can_be_verified(binary, tmp_path):
    data = tmp_path / "data"
    made = []

    def make_apps(number, stop):
        while not stop.is_set():
            name = f"app {number}-{len(made)}"
            answer = run(binary, data, "app", "create", name)
            if answer.returncode == 0:
                made.append(name)

    for _ in range(3):
        with Server(binary, data=data) as server:
            stop = threading.Event()
            before = len(made)
            makers = [threading.Thread(target=make_apps, args=(number, stop)) for number in range(2)]
            for maker in makers:
                maker.start()
            server.wait_for_log("serving")
            while len(made) < before + 3 and any(maker.is_alive() for maker in makers):
                makers[0].join(0.05)
            server.send_signal(signal.SIGKILL)
            server.wait()
            stop.set()
            for maker in makers:
                maker.join()
        assert len(made) >= before + 3
        state = verify(binary, data)
        assert state["is_sound"] and state["checked"] + state["waiting"] > len(made)
    names = {app["name"] for app in json.loads(run(binary, data, "app", "list", "--json").stdout)["apps"]}
    assert names >= set(made)


def test_what_somebody_changed_in_the_file_is_named(binary, tmp_path):
    data = tmp_path / "data"
    with Server(binary, data=data):
        pass
    head = run(binary, data, "audit", "verify").stdout.splitlines()[-1]
    sql = "UPDATE audit SET actor = 'somebody else' WHERE action = 'user.create'"
    change = ["/usr/bin/python3", "-c", f"import sqlite3; c = sqlite3.connect('{data}/lodestone.db'); c.execute(\"{sql}\"); c.commit()"]
    subprocess.run(change, check=True, timeout=60)
    found = run(binary, data, "audit", "verify")
    assert found.returncode == 1
    assert 'now "user.create") was changed after it was written' in found.stdout
    assert found.stdout.splitlines()[-1] == head, "the chain itself is as it was"
    assert run(binary, data, "audit", "verify", "--expect", f"9999:{head.split(':')[1]}").returncode == 1
