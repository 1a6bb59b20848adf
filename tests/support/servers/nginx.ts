import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./servers.ts";

export const hasNginx = Bun.which("nginx") !== null || (await Bun.file("/usr/sbin/nginx").exists());

/** A load balancer in front of nodes: TLS, and the chat below a path, as the documentation has it. */
export async function startNginx(
  ports: readonly number[],
  basePath: string,
): Promise<AsyncDisposable & { readonly url: string }> {
  const folder = mkdtempSync(join(tmpdir(), "chatroom-nginx-"));
  const port = await freePort();
  const subject = ["-subj", "/CN=localhost", "-days", "2", "-nodes"];
  const made = Bun.spawnSync(
    [
      "openssl",
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-keyout",
      "key.pem",
      "-out",
      "cert.pem",
    ].concat(subject),
    { cwd: folder },
  );
  if (!made.success) throw new Error(`openssl: ${made.stderr.toString()}`);
  const servers = ports.map((node) => `server 127.0.0.1:${node} max_fails=0;`);
  const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  writeFileSync(
    join(folder, "nginx.conf"),
    `daemon off; worker_processes 1; worker_rlimit_nofile 20000; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 10000; }
http {
  access_log off;
  ${kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(" ")}
  upstream chat { least_conn; ${servers.join(" ")} }
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${folder}/cert.pem;
    ssl_certificate_key ${folder}/key.pem;
    location ${basePath}/ {
      proxy_pass http://chat;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_connect_timeout 1s;
      proxy_read_timeout 1h;
      proxy_next_upstream error timeout http_502 http_503;
    }
  }
}
`,
  );
  const program = Bun.which("nginx") ?? "/usr/sbin/nginx";
  const child = Bun.spawn([program, "-p", folder, "-c", join(folder, "nginx.conf")], {
    stdout: "ignore",
    stderr: "ignore",
  });
  const url = `https://127.0.0.1:${port}${basePath}/`;
  for (let tries = 0; ; tries += 1) {
    try {
      await fetch(`${url}healthz`, { tls: { rejectUnauthorized: false } });
      break;
    } catch (fault) {
      if (tries > 100) throw fault;
      await Bun.sleep(20);
    }
  }
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
