"""Ask the process of this container whether it can serve; for HEALTHCHECK, without libraries."""

import http.client
import sys

connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=4)
try:
    connection.request("GET", "/readyz")
    sys.exit(connection.getresponse().status != http.HTTPStatus.OK)
except OSError:
    sys.exit(1)
