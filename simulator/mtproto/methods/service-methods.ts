import { toSeconds, type RpcMethods } from '#simulator/mtproto/methods/context.ts'

const DC = 2

/** What every client asks before anything else. */
export const serviceMethods: RpcMethods = {
  'help.getConfig': ({ accounts, address }) => {
    const date = toSeconds(accounts.world.clock.now())
    return {
      _: 'config',
      date,
      expires: date + 3600,
      testMode: false,
      thisDc: DC,
      dcOptions: [{ _: 'dcOption', id: DC, ipAddress: address.host, port: address.port }],
      dcTxtDomainName: 'localhost',
      chatSizeMax: 200,
      megagroupSizeMax: 200_000,
      forwardedCountMax: 100,
      onlineUpdatePeriodMs: 210_000,
      offlineBlurTimeoutMs: 5_000,
      offlineIdleTimeoutMs: 30_000,
      onlineCloudTimeoutMs: 300_000,
      notifyCloudDelayMs: 30_000,
      notifyDefaultDelayMs: 1_500,
      pushChatPeriodMs: 60_000,
      pushChatLimit: 2,
      editTimeLimit: 172_800,
      revokeTimeLimit: 2_147_483_647,
      revokePmTimeLimit: 2_147_483_647,
      ratingEDecay: 2_419_200,
      stickersRecentLimit: 200,
      channelsReadMediaPeriod: 604_800,
      callReceiveTimeoutMs: 20_000,
      callRingTimeoutMs: 90_000,
      callConnectTimeoutMs: 30_000,
      callPacketTimeoutMs: 10_000,
      meUrlPrefix: 'https://t.me/',
      captionLengthMax: 1_024,
      messageLengthMax: 4_096,
      webfileDcId: 4,
    }
  },
  'help.getNearestDc': () => ({ _: 'nearestDc', country: 'TR', thisDc: DC, nearestDc: DC }),
}
