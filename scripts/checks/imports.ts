import path from 'node:path';
import ts from 'typescript';
import type { SourceFile } from './repository.js';

export interface Import {
  readonly from: string;
  readonly line: number;
  /** A file of the repository, or the name of a package. */
  readonly to: string;
  readonly isFile: boolean;
  /** `import type` and `import('x').T`: nothing of it is left at run time. */
  readonly typeOnly: boolean;
}

export function isSource({ path: name }: SourceFile): boolean {
  return name.startsWith('src/') && name.endsWith('.ts');
}

/** Every import of every file under src/. */
export function readImports(files: readonly SourceFile[]): Import[] {
  return files.filter(isSource).flatMap(importsOf);
}

function importsOf(file: SourceFile): Import[] {
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    const isFile = specifier.text.startsWith('.');
    const target = path.posix.join(path.posix.dirname(file.path), specifier.text.replace(/\.js$/, '.ts'));
    const line = source.getLineAndCharacterOfPosition(specifier.getStart()).line + 1;
    found.push({ from: file.path, line, to: isFile ? target : specifier.text, isFile, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isImportTypeNode(node)) {
      if (ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
