export { type HttpDeps, createHttpServer, listen } from './create-http-server.ts'
