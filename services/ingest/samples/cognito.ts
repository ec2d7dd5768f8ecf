// Amazon Cognito's deliveries, as samples: the trigger as the documented Lambda forwards it, and an event of CloudTrail.
import { browser, type Moment, rfc3339, type Sample, uuid } from './sample.ts';

export const cognitoSamples: readonly Sample[] = [
  {
    name: 'PostAuthentication_Authentication',
    about: 'the client signs in, told by the Lambda trigger',
    body: (moment) => ({
      requestId: uuid(moment),
      time: rfc3339(moment),
      event: trigger(moment, 'PostAuthentication_Authentication'),
    }),
  },
  {
    name: 'InitiateAuth',
    about: 'the client signs in, told by CloudTrail through EventBridge',
    body: (moment) => bridged(moment, 'USER_PASSWORD_AUTH', {}),
  },
  {
    name: 'InitiateAuth-failed',
    about: 'the client signs in with a wrong password, told by CloudTrail',
    body: (moment) =>
      bridged(moment, 'USER_PASSWORD_AUTH', {
        errorCode: 'NotAuthorizedException',
        errorMessage: 'Incorrect username or password.',
        responseElements: null,
      }),
  },
  {
    name: 'InitiateAuth-refresh',
    about: "the app refreshes the client's tokens: no login",
    ignored: true,
    body: (moment) => bridged(moment, 'REFRESH_TOKEN_AUTH', {}),
  },
];

function trigger(moment: Moment, triggerSource: string) {
  return {
    version: '1',
    triggerSource,
    region: 'eu-west-2',
    userPoolId: 'eu-west-2_Signal123',
    userName: moment.person.id,
    callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: '3n4b5urk1ft4fl3mg5e62d9ado' },
    request: {
      newDeviceUsed: false,
      userAttributes: { sub: moment.person.id, email: moment.person.email, email_verified: 'true' },
    },
    response: {},
  };
}

function bridged(moment: Moment, authFlow: string, differences: Readonly<Record<string, unknown>>) {
  return {
    version: '0',
    id: uuid(moment, 1),
    'detail-type': 'AWS API Call via CloudTrail',
    source: 'aws.cognito-idp',
    account: '123456789012',
    time: seconds(moment),
    region: 'eu-west-2',
    resources: [],
    detail: {
      eventVersion: '1.09',
      userIdentity: { type: 'Unknown', principalId: 'Anonymous' },
      eventTime: seconds(moment),
      eventSource: 'cognito-idp.amazonaws.com',
      eventName: 'InitiateAuth',
      awsRegion: 'eu-west-2',
      sourceIPAddress: browser.ip,
      userAgent: browser.userAgent,
      requestParameters: {
        authFlow,
        authParameters: 'HIDDEN_DUE_TO_SECURITY_REASONS',
        clientId: '3n4b5urk1ft4fl3mg5e62d9ado',
      },
      responseElements: { challengeParameters: {}, authenticationResult: 'HIDDEN_DUE_TO_SECURITY_REASONS' },
      additionalEventData: { sub: moment.person.id },
      requestID: uuid(moment, 2),
      eventID: uuid(moment),
      readOnly: false,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: '123456789012',
      eventCategory: 'Management',
      ...differences,
    },
  };
}

/** CloudTrail tells whole seconds. */
function seconds(moment: Moment): string {
  return rfc3339(moment).replace(/\.\d+Z$/, 'Z');
}
