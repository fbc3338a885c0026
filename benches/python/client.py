"""What both koophone programs share: their configuration, and creating many clients."""

from harness import ACCESS_KEY, PROJECT_ID, SECRET_KEY, TOKEN, Arguments, moment, report
from koophone import Credentials


def configuration(arguments: Arguments) -> dict:
    if arguments.signed:
        credentials = Credentials(access_key=ACCESS_KEY, secret_key=SECRET_KEY)
    else:
        credentials = Credentials(token=TOKEN)
    settings = {"endpoint": arguments.url, "iam_endpoint": arguments.url, "project_id": PROJECT_ID}
    return {"credentials": credentials, "environment": {}, **settings}


class Making:
    """Creates clients, and reports the cost once they have been used."""

    def __init__(self, arguments: Arguments, client: type) -> None:
        settings = configuration(arguments)
        self.start = moment()
        self.clients = [client(**settings) for _ in range(arguments.clients)]
        self.end = moment()

    def report(self) -> None:
        report(self.start, self.end, [self.end[0] - self.start[0]])
