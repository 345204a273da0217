import { constants } from 'node:fs';
import {
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  stat,
  unlink,
} from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import ssh2, { type Connection, type SFTPWrapper } from 'ssh2';

/** What the server does not do as OpenSSH does. */
export interface OddSftpOptions {
  /** Fails a write or read that comes while another is under way. */
  readonly isSequential?: boolean;
  /** Turns a bit of what is written to a name that matches. */
  readonly damages?: RegExp;
  /** Ends the file transfer, though not the connection, about this write of all. */
  readonly endsAtWrite?: number;
  /** Answers a read with at most so many bytes. */
  readonly maxReadBytes?: number;
}

/**
 * A server of SFTP version 3 and no more: no command, no posix-rename, statvfs or fsync, and a rename that never
 * replaces. It lets anyone in and serves the machine's own files.
 */
export async function startOddServer(
  t: TestContext,
  hostKey: string,
  options: OddSftpOptions = {},
): Promise<{ port: number; requests: Map<string, number> }> {
  const requests = new Map<string, number>();
  const server = new ssh2.Server({ hostKeys: [await readFile(hostKey)] }, (client: Connection) => {
    client.on('error', () => undefined);
    client.on('authentication', (context) => context.accept());
    client.on('session', (accept) => {
      accept().on('sftp', (acceptSftp) => serve(acceptSftp(), options, requests));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, requests };
}

const { STATUS_CODE } = ssh2.utils.sftp;

function serve(sftp: SFTPWrapper, options: OddSftpOptions, requests: Map<string, number>): void {
  const files = new Map<number, { file: FileHandle; path: string }>();
  const listings = new Map<number, string[]>();
  let lastHandle = 0;
  let busy = 0;
  const { endsAtWrite = Number.POSITIVE_INFINITY } = options;
  const makeHandle = () => {
    lastHandle += 1;
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(lastHandle);
    return handle;
  };
  const fileOf = (handle: Buffer) => {
    const found = files.get(handle.readUInt32BE(0));
    if (found === undefined) throw Object.assign(new Error('no such handle'), { code: 'EBADF' });
    return found;
  };
  /** Answers a request with what `work` does, or with the status of its error. */
  const answer = (name: string, id: number, work: () => Promise<void>) => {
    requests.set(name, (requests.get(name) ?? 0) + 1);
    work().catch((error: NodeJS.ErrnoException) => {
      sftp.status(id, error.code === 'ENOENT' ? STATUS_CODE.NO_SUCH_FILE : STATUS_CODE.FAILURE);
    });
  };
  const oneAtATime = async (work: () => Promise<void>) => {
    busy += 1;
    try {
      if (options.isSequential === true && busy > 1) throw new Error('one at a time');
      await delay(0);
      await work();
    } finally {
      busy -= 1;
    }
  };
  const ok = (id: number) => sftp.status(id, STATUS_CODE.OK);
  sftp.on('close', () => {
    for (const { file } of files.values()) file.close().catch(() => undefined);
  });

  sftp.on('OPEN', (id, path, flags) =>
    answer('OPEN', id, async () => {
      const { READ, WRITE, CREAT, TRUNC } = ssh2.utils.sftp.OPEN_MODE;
      const access =
        (flags & WRITE) === 0 ? constants.O_RDONLY : flags & READ ? constants.O_RDWR : constants.O_WRONLY;
      const more = (flags & CREAT ? constants.O_CREAT : 0) | (flags & TRUNC ? constants.O_TRUNC : 0);
      const handle = makeHandle();
      files.set(lastHandle, { file: await open(path, access | more, 0o644), path });
      sftp.handle(id, handle);
    }),
  );
  sftp.on('WRITE', (id, handle, offset, data) =>
    answer('WRITE', id, () =>
      oneAtATime(async () => {
        if ((requests.get('WRITE') ?? 0) >= endsAtWrite && !requests.has('END')) {
          requests.set('END', 1);
          sftp.end();
          return;
        }
        const { file, path } = fileOf(handle);
        const bytes = Buffer.from(data);
        if (options.damages?.test(path)) bytes[0] = (bytes[0] ?? 0) ^ 1;
        await file.write(bytes, 0, bytes.length, offset);
        ok(id);
      }),
    ),
  );
  sftp.on('READ', (id, handle, offset, length) =>
    answer('READ', id, () =>
      oneAtATime(async () => {
        const buffer = Buffer.alloc(Math.min(length, options.maxReadBytes ?? length));
        const { bytesRead } = await fileOf(handle).file.read(buffer, 0, buffer.length, offset);
        if (bytesRead === 0) sftp.status(id, STATUS_CODE.EOF);
        else sftp.data(id, buffer.subarray(0, bytesRead));
      }),
    ),
  );
  sftp.on('FSETSTAT', (id, handle, attrs) =>
    answer('FSETSTAT', id, async () => {
      await fileOf(handle).file.truncate(attrs.size);
      ok(id);
    }),
  );
  sftp.on('CLOSE', (id, handle) =>
    answer('CLOSE', id, async () => {
      const number = handle.readUInt32BE(0);
      await files.get(number)?.file.close();
      files.delete(number);
      listings.delete(number);
      ok(id);
    }),
  );
  for (const [name, look] of [
    ['STAT', stat],
    ['LSTAT', lstat],
  ] as const) {
    sftp.on(name as 'STAT', (id, path) =>
      answer(name, id, async () => sftp.attrs(id, attrsOf(await look(path)))),
    );
  }
  sftp.on('REALPATH', (id, path) =>
    answer('REALPATH', id, async () => {
      const shown = path === '.' ? '/' : path;
      sftp.name(id, [{ filename: shown, longname: shown, attrs: {} as never }]);
    }),
  );
  sftp.on('OPENDIR', (id, path) =>
    answer('OPENDIR', id, async () => {
      const handle = makeHandle();
      listings.set(
        lastHandle,
        (await readdir(path)).map((name) => join(path, name)),
      );
      sftp.handle(id, handle);
    }),
  );
  sftp.on('READDIR', (id, handle) =>
    answer('READDIR', id, async () => {
      const paths = listings.get(handle.readUInt32BE(0)) ?? [];
      listings.set(handle.readUInt32BE(0), []);
      if (paths.length === 0) return sftp.status(id, STATUS_CODE.EOF);
      sftp.name(
        id,
        await Promise.all(
          paths.map(async (path) => {
            const found = await lstat(path);
            const filename = path.slice(path.lastIndexOf('/') + 1);
            const longname = `${found.isDirectory() ? 'd' : '-'}rw-r--r-- 1 0 0 ${found.size} Jan 1 00:00 ${filename}`;
            return { filename, longname, attrs: attrsOf(found) as never };
          }),
        ),
      );
    }),
  );
  sftp.on('REMOVE', (id, path) => answer('REMOVE', id, () => unlink(path).then(() => ok(id))));
  sftp.on('MKDIR', (id, path) => answer('MKDIR', id, () => mkdir(path).then(() => ok(id))));
  sftp.on('RENAME', (id, from, to) =>
    answer('RENAME', id, async () => {
      if ((await lstat(to).catch(() => undefined)) !== undefined) throw new Error('it is there already');
      await rename(from, to);
      ok(id);
    }),
  );
}

function attrsOf(found: Awaited<ReturnType<typeof stat>>): never {
  const { mode, uid, gid, size, atimeMs, mtimeMs } = found;
  return { mode, uid, gid, size, atime: Number(atimeMs) / 1000, mtime: Number(mtimeMs) / 1000 } as never;
}
