"""How gunicorn serves the app. gunicorn reads this file from the folder that it is started in."""

from demo_app import logs
from demo_app.settings import Settings

_settings = Settings.from_env()

wsgi_app = "demo_app:create_app()"
bind = f"{_settings.host}:{_settings.port}"
worker_class = "demo_app.worker.DrainingWorker"

# One process, because metrics live in its memory: of two, each scrape would see only one, and counters would jump back and
# forth. Threads serve requests in parallel; for more than they can do, add replicas, which Prometheus scrapes one by one.
workers = 1
threads = 8

# What is still in flight after draining has 20 seconds to end. With the default of 5 seconds for draining, that is within the
# 30 seconds after which Kubernetes kills the pod; with a longer DRAIN_SECONDS, raise terminationGracePeriodSeconds too.
graceful_timeout = _settings.drain_seconds + 20
keepalive = 5

logconfig_dict = logs.config(_settings.log_level)
# Nothing uses the control socket, and its place in the home folder is not writable in a hardened pod.
control_socket_disable = True
