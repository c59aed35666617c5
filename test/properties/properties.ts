import { apiCompatibility, apiCompleteness, apiConsistency, apiMissingProfile } from './api.ts';
import { authenticationResilience, automaticCreation, defaultActive, defaultRole } from './creation.ts';
import type { Property } from './property.ts';
import {
  cascadeDeletion,
  crossTableIntegrity,
  foreignKeyValidation,
  oneToOne,
  referentialIntegrity,
} from './references.ts';
import {
  dataPreservation,
  idempotence,
  missingProfileDetection,
  profileCreation,
  reportAccuracy,
} from './sync.ts';

/** What holds of users and profiles for any input. 15, which is about `rowhouse verify`, is in verification.ts. */
export const properties: Property[] = [
  automaticCreation,
  defaultRole,
  defaultActive,
  referentialIntegrity,
  authenticationResilience,
  missingProfileDetection,
  profileCreation,
  dataPreservation,
  reportAccuracy,
  idempotence,
  oneToOne,
  cascadeDeletion,
  foreignKeyValidation,
  crossTableIntegrity,
  apiCompleteness,
  apiMissingProfile,
  apiCompatibility,
  apiConsistency,
];
