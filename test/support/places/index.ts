import type { TestProject } from 'vitest/node';
import { Failure } from '../../../src/failure.ts';
import { containerPlace } from './container.ts';
import { embeddedPlace } from './embedded.ts';
import type { Place } from './place.ts';
import { serverPlace } from './server.ts';
import { type Template, dropAll, makeTemplate } from './template.ts';

declare module 'vitest' {
  interface ProvidedContext {
    template: Template;
  }
}

/**
 * Brings up the place that the project's tests run in, and the template database that each test file clones. A place
 * that cannot be brought up fails the run.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  try {
    const place = await choosePlace(project.name);
    try {
      const template = await makeTemplate(place.superuserUrl);
      project.provide('template', template);
      return async () => {
        await dropAll(template);
        await place.stop();
      };
    } catch (error) {
      await place.stop();
      throw error;
    }
  } catch (error) {
    if (error instanceof Failure) error.message = [error.message, error.hint].filter(Boolean).join(' ');
    throw error;
  }
}

function choosePlace(project: string): Promise<Place> {
  const url = process.env.DATABASE_URL;
  if (project === 'container') return containerPlace();
  return url ? serverPlace(url) : embeddedPlace();
}
