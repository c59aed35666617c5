import { useDatabase } from '../support/database.ts';
import { describeBreaks } from './describe.ts';
import { properties } from './properties.ts';

describeBreaks(useDatabase(), properties);
