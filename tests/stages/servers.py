"""Stand-ins that speak TLS: a mail server and an API server, on a port of this machine.

usage: servers.py MODE CERTIFICATE KEY

MODE is starttls, implicit or plain for a mail server that wants the user `gen` with the password `s3cret-pw` (plain wants
none); or api, which knows one PipelineRun for the token `t0ken`. Says its port on the first line of stdout, then each message
or request as a line of JSON.
"""

import base64
import datetime
import json
import socket
import ssl
import sys
import threading

mode, certificate, key = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)


def say(value):
    print(json.dumps(value), flush=True)


def mail(connection):
    """A conversation by RFC 5321, with STARTTLS (RFC 3207) and AUTH PLAIN and LOGIN (RFC 4954)."""
    encrypted = mode == "implicit"
    if encrypted:
        connection = context.wrap_socket(connection, server_side=True)
    lines = connection.makefile("rb")
    answer = lambda text: connection.sendall(text.encode() + b"\r\n")
    user, sender, recipients = "", "", []
    answer("220 mail.test ESMTP")
    while line := lines.readline():
        verb, _, rest = line.decode().strip().partition(" ")
        verb = verb.upper()
        if verb == "EHLO":
            offers = ["mail.test"]
            if mode == "starttls" and not encrypted:
                offers.append("STARTTLS")
            if encrypted:
                offers.append("AUTH PLAIN LOGIN")
            for offer in offers[:-1]:
                answer(f"250-{offer}")
            answer(f"250 {offers[-1]}")
        elif verb == "STARTTLS" and mode == "starttls":
            answer("220 go on")
            connection = context.wrap_socket(connection, server_side=True)
            lines, encrypted = connection.makefile("rb"), True
        elif verb == "AUTH" and encrypted:
            method, _, first = rest.partition(" ")
            if method == "PLAIN":
                _, user, password = base64.b64decode(first).decode().split("\0")
            else:
                user = base64.b64decode(first).decode() if first else ""
                answer("334 UGFzc3dvcmQ6")
                password = base64.b64decode(lines.readline()).decode()
            if (user, password) == ("gen", "s3cret-pw"):
                answer("235 welcome")
            else:
                # A server that repeats what it was told is no reason to print it.
                answer(f"535 no entry for {password}")
                user = ""
        elif verb == "MAIL":
            if mode != "plain" and not user:
                answer("530 who are you")
                continue
            sender = rest
            answer("250 fine")
        elif verb == "RCPT":
            recipients.append(rest)
            answer("250 fine")
        elif verb == "DATA":
            answer("354 go on")
            text = []
            while (line := lines.readline()) not in (b".\r\n", b""):
                text.append(line.decode())
            say({"encrypted": encrypted, "user": user, "sender": sender, "recipients": recipients, "text": "".join(text)})
            answer("250 taken")
        elif verb == "QUIT":
            answer("221 bye")
            return
        else:
            answer("250 fine" if verb in ("RSET", "NOOP") else "502 what")


def api(connection):
    """GET of a PipelineRun that began 200 seconds ago."""
    connection = context.wrap_socket(connection, server_side=True)
    lines = connection.makefile("rb")
    request, token = lines.readline().decode().split()[1], ""
    while (line := lines.readline().decode().strip()) != "":
        name, _, value = line.partition(":")
        if name.lower() == "authorization":
            token = value.strip()
    say({"request": request, "token": token})
    began = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=200)
    body = json.dumps({"metadata": {"creationTimestamp": began.strftime("%Y-%m-%dT%H:%M:%SZ")}}).encode()
    status = "200 OK" if token == "Bearer t0ken" else "403 Forbidden"
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    connection.sendall(head.encode() + body)
    connection.close()


def serve(connection):
    try:
        (api if mode == "api" else mail)(connection)
    except (OSError, ValueError) as error:
        say({"error": str(error)})
    finally:
        connection.close()


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
