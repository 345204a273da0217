"""Run a command as the leader of a session on a new pseudo-terminal.

usage: run-on-pty.py COLUMNS ROWS COMMAND [ARG ...]

Standard output gets what the terminal shows, byte for byte. Standard input has one JSON object a line:
{"type": "text"} types it, {"resize": [columns, rows]} changes the size, as a window does (SIGWINCH).
The exit code is the command's, or 128 and its signal. The end of standard input hangs up.
"""
import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios

STDIN, STDOUT = 0, 1


def resize(terminal, columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def obey(terminal, line):
    order = json.loads(line)
    if "resize" in order:
        resize(terminal, *order["resize"])
    text = order.get("type", "").encode()
    while text:
        text = text[os.write(terminal, text) :]


def follow(terminal):
    """Pass everything on, until the last process has closed the terminal or the test is gone."""
    pending = b""
    while True:
        ready, _, _ = select.select([terminal, STDIN], [], [])
        if terminal in ready:
            try:
                output = os.read(terminal, 65536)
            except OSError:
                return
            while output:
                output = output[os.write(STDOUT, output) :]
        if STDIN in ready:
            order = os.read(STDIN, 65536)
            if not order:
                return
            *lines, pending = (pending + order).split(b"\n")
            for line in lines:
                try:
                    obey(terminal, line)
                except OSError:
                    # The command has just ended: what it showed last is still to be read.
                    pass


def main():
    columns, rows, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    # The command waits for the size, so that it never sees another one.
    gate_read, gate_write = os.pipe()
    child, terminal = pty.fork()
    if child == 0:
        os.close(gate_write)
        os.read(gate_read, 1)
        os.close(gate_read)
        os.execvp(command[0], command)
    resize(terminal, columns, rows)
    os.close(gate_read)
    os.close(gate_write)
    follow(terminal)
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    sys.exit(code if code >= 0 else 128 - code)


main()
