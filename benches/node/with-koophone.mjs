// koophone.
import { Client, Credentials } from 'koophone';
import { ACCESS_KEY, COMMAND, PROJECT_ID, SECRET_KEY, TOKEN, given, measure } from './harness.mjs';

const { url, ids, results, signed } = given;
const credentials = signed ? Credentials.accessKey(ACCESS_KEY, SECRET_KEY) : Credentials.token(TOKEN);
const client = new Client({ endpoint: url, iamEndpoint: url, projectId: PROJECT_ID, environment: {}, credentials });

await measure(() => (results ? client.runCommand(ids, COMMAND) : client.queryStatus(ids)));
