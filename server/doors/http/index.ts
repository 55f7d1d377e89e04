export { type HttpDeps, createHttpServer, listen } from './create-http-server.ts'
export { paymentCallbackRoutes } from './payment-callbacks.ts'
export { type MorePages, type PageRoutesDeps, pageRoutes } from './pages/page-routes.ts'
