// koophone.
import { Client, Credentials } from 'koophone';
import { ACCESS_KEY, COMMAND, PROJECT_ID, SECRET_KEY, TOKEN, given, measure, measureMaking } from './harness.mjs';

const { url, ids, results, signed } = given;
const credentials = signed ? Credentials.accessKey(ACCESS_KEY, SECRET_KEY) : Credentials.token(TOKEN);
const make = () =>
  new Client({ endpoint: url, iamEndpoint: url, projectId: PROJECT_ID, environment: {}, credentials });

if (given.clients > 0) {
  await measureMaking(make, (client) => client.queryStatus(ids));
} else {
  const client = make();
  await measure(() => (results ? client.runCommand(ids, COMMAND) : client.queryStatus(ids)));
}
