import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const repository = fileURLToPath(new URL('../../', import.meta.url));
export const clientSource = join(repository, 'src/client/index.ts');

/**
 * What the compiler has to say about a text, with the strictness of this repository, where `rowhouse/client` is the
 * client's source.
 *
 * @param text a module
 * @param folder where it would stand; it is not written
 */
export function complaints(text: string, folder: string = join(repository, 'test/client')): string[] {
  const file = join(folder, 'compiled.ts');
  const settings = ts.readConfigFile(join(repository, 'tsconfig.json'), (path) => readFileSync(path, 'utf8'));
  const { options } = ts.parseJsonConfigFileContent({ ...settings.config, include: [] }, ts.sys, repository);
  const program = ts.createProgram(
    [file],
    { ...options, noUnusedLocals: false, paths: { 'rowhouse/client': [clientSource] } },
    {
      ...ts.createCompilerHost(options),
      fileExists: (path) => path === file || ts.sys.fileExists(path),
      readFile: (path) => (path === file ? text : ts.sys.readFile(path)),
      getSourceFile: (path, version) => {
        const source = path === file ? text : ts.sys.readFile(path);
        return source === undefined ? undefined : ts.createSourceFile(path, source, version);
      },
      directoryExists: (path) => path === dirname(file) || ts.sys.directoryExists(path),
    },
  );
  const compiled = program.getSourceFile(file);
  const problems = [
    ...program.getOptionsDiagnostics(),
    ...program.getSyntacticDiagnostics(compiled),
    ...program.getSemanticDiagnostics(compiled),
  ];
  return problems.map((problem) => {
    const line = problem.file?.getLineAndCharacterOfPosition(problem.start ?? 0).line;
    return `${line === undefined ? '' : `line ${line + 1}: `}${ts.flattenDiagnosticMessageText(problem.messageText, '\n')}`;
  });
}
