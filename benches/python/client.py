"""How both koophone programs are configured."""

from harness import ACCESS_KEY, PROJECT_ID, SECRET_KEY, TOKEN, Arguments
from koophone import Credentials


def configuration(arguments: Arguments) -> dict:
    if arguments.signed:
        credentials = Credentials(access_key=ACCESS_KEY, secret_key=SECRET_KEY)
    else:
        credentials = Credentials(token=TOKEN)
    settings = {"endpoint": arguments.url, "iam_endpoint": arguments.url, "project_id": PROJECT_ID}
    return {"credentials": credentials, "environment": {}, **settings}
