import { useDatabase } from '../support/database.ts';
import { describeProperties } from './describe.ts';
import { properties } from './properties.ts';

describeProperties(useDatabase(), properties);
