/*
 * Sums the test reports in a directory and prints `N passed, N failed` as the last line. Arguments: the directory, and
 * the exit code of the steps. A skipped test is a failure: nothing here may pass by not being run.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [directory, status] = process.argv.slice(2);
const reports = readdirSync(directory).map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')));
const sum = (count) => reports.reduce((total, report) => total + count(report), 0);

const passed = sum((report) => report.numPassedTests);
const skipped = sum((report) => report.numTotalTests - report.numPassedTests - report.numFailedTests);
const failed = sum((report) => report.numFailedTests) + skipped;
if (skipped > 0) console.log(`${skipped} of the failed tests were skipped.`);

console.log(`${passed} passed, ${failed === 0 && status !== '0' ? 1 : failed} failed`);
process.exitCode = skipped > 0 ? 1 : 0;
