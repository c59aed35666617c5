import { useDatabase } from '../support/database.ts';
import { customerProperties } from './customers.ts';
import { describeBreaks, describeProperties } from './describe.ts';

const db = useDatabase();

describeProperties(db, customerProperties);
describeBreaks(db, customerProperties);
