"""The vendor's own SDK core. It has no package for KooPhone, so the two calls are declared here as its generated
packages declare theirs. It can only sign requests."""

import sys
import uuid

from harness import ACCESS_KEY, COMMAND, PROJECT_ID, SECRET_KEY, Arguments, measure
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.client import Client, ClientBuilder
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkcore.sdk_response import SdkResponse


def model(name, fields, base=object):
    """Creates a model class with the tables that the SDK reads."""

    def __init__(self, **values):
        base.__init__(self)
        for field in fields:
            setattr(self, field, values.get(field))

    body = {"openapi_types": fields, "attribute_map": {field: field for field in fields}, "sensitive_list": []}
    return type(name, (base,), body | {"__init__": __init__})


QueryStatusBody = model("QueryStatusBody", {"instance_ids": "list[str]"})
RunCommandBody = model("RunCommandBody", {"command": "str", "instance_ids": "list[str]"})
Status = model("Status", {"instance_id": "str", "status": "int"})
StatusData = model("StatusData", {"status_results": "list[Status]"})
Result = model(
    "Result", {"instance_id": "str", "status": "int", "error_code": "str", "error_msg": "str", "execute_msg": "str"}
)
ResultData = model("ResultData", {"cmd_results": "list[Result]"})
response = {"error_code": "str", "error_msg": "str"}
QueryStatusResponse = model("QueryStatusResponse", {"data": "StatusData"} | response, SdkResponse)
RunCommandResponse = model("RunCommandResponse", {"data": "ResultData"} | response, SdkResponse)


class KooPhoneClient(Client):
    def __init__(self):
        super().__init__()
        self.model_package = sys.modules[__name__]

    def post(self, path, body, response_type):
        return self.do_http_request(
            method="POST",
            resource_path=path,
            path_params={},
            query_params=[],
            header_params={"x-request-id": uuid.uuid4().hex, "Content-Type": "application/json"},
            body=body,
            post_params={},
            response_type=response_type,
            response_headers=[],
            collection_formats={},
            request_type=type(body).__name__,
        )


arguments = Arguments()
# As many connections as callers; the default is ten.
many = arguments.in_flight > 1
config = HttpConfig(pool_connections=1, pool_maxsize=max(10, arguments.in_flight)) if many else HttpConfig()
credentials = BasicCredentials(ACCESS_KEY, SECRET_KEY, PROJECT_ID)
builder = ClientBuilder(KooPhoneClient).with_http_config(config).with_credentials(credentials)
client = builder.with_endpoint(arguments.url).build()


def call():
    if arguments.results:
        body = RunCommandBody(command=COMMAND, instance_ids=arguments.ids)
        result = client.post(arguments.path, body, "RunCommandResponse")
    else:
        result = client.post(arguments.path, QueryStatusBody(instance_ids=arguments.ids), "QueryStatusResponse")
    if result.error_code != "0":
        raise RuntimeError(result.error_msg)
    return result.data.cmd_results if arguments.results else result.data.status_results


measure(arguments, call)
