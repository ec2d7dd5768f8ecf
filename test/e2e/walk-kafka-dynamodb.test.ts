// The walk on a real Kafka and a real DynamoDB.
import { walk } from './walk.ts';

walk('kafka-dynamodb');
