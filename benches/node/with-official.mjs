// The vendor's own SDK core. It has no package for KooPhone, so the calls are declared here. It can only sign requests.
import { createRequire } from 'node:module';
import { ACCESS_KEY, PROJECT_ID, SECRET_KEY, given, measure } from './harness.mjs';
import { body, headers, path, typed } from './peers.mjs';

const require = createRequire(import.meta.url);
const { ClientBuilder } = require('@huaweicloud/huaweicloud-sdk-core/ClientBuilder');
const { BasicCredentials } = require('@huaweicloud/huaweicloud-sdk-core');

const credentials = new BasicCredentials().withAk(ACCESS_KEY).withSk(SECRET_KEY).withProjectId(PROJECT_ID);
const client = new ClientBuilder((client) => client, 'BasicCredentials')
  .withCredential(credentials)
  .withEndpoint(given.url)
  .build();

await measure(async () => {
  const { 'x-request-id': id } = headers();
  const response = await client.sendRequest({
    url: path,
    method: 'POST',
    contentType: 'application/json',
    queryParams: {},
    pathParams: {},
    headers: { 'x-request-id': id },
    data: body(),
  });
  return typed(response);
});
