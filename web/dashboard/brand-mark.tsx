import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { api, query } from '../api/queries.ts'
import type { OwnTenant } from '../api/session.tsx'
import { useAccent } from '../ui/brand-theme.tsx'

type Brand = RouteOutput<typeof contract.tenant.getBrand>

const PRODUCT = 'Gavatcore'

/** How the tenant calls itself and looks; as long as the caller is there, the whole panel is drawn in its accent. */
export const useBrand = (tenant: OwnTenant | null): Brand | null => {
  const { data: brand = null } = useQuery({ ...query(api.tenant.getBrand, {}), enabled: tenant !== null })
  useAccent(brand?.colours ?? null)
  const name = brand?.name ?? PRODUCT
  useEffect(() => {
    document.title = name
    return () => void (document.title = PRODUCT)
  }, [name])
  return brand
}

/** The tenant's logo; its name stands beside it. */
export const BrandLogo = ({ brand }: { brand: Brand | null }) =>
  brand === null || brand.logoPath === null ? null : (
    <img src={brand.logoPath} alt="" height={28} style={{ maxWidth: 96, objectFit: 'contain' }} />
  )
